"""A small neural classifier over feature codes and, where known, a title; trained with jax, served with numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.encoding import Codes, Tokens

Array = NDArray[np.float32]
Weights = dict[str, Array]

_EPSILON = 1e-5  # batch normalisation
_CHUNK = 1024  # rows whose activations stay in the processor's cache


@dataclass(frozen=True)
class Task:
    """One set of labels: (n, k) `targets` whose rows sum to 1, and (n,) `weights`, 0 where a row has no such label."""

    targets: Array
    weights: Array


@dataclass(eq=False)
class TitledNetwork:
    """Two hidden layers over codes, plus the evidence of a title: one network serves with and without one.

    Each layer is linear, batch normalisation, SiLU, dropout. A title is the sum of its tokens' embeddings over the
    square root of their count, mapped to log-odds that are added to those of the audio (late fusion). The title learns
    on top of a fixed audio part, so audio alone loses nothing. `sharpness` scales the log-odds of audio alone and of
    both: networks overstate, and two views of one track added up do so more (temperature scaling, Guo et al. 2017).
    AdamW with one cosine cycle. Further tasks share the layers while training.
    """

    hidden: tuple[int, int] = (768, 768)
    buckets: int = 2**15
    title_size: int = 64
    dropout: float = 0.55
    title_dropout: float = 0.3
    clue_dropout: float = 0.15
    sharpness: tuple[float, float] = (0.95, 0.85)
    epochs: int = 12
    batch: int = 1024
    rate: float = 2e-3
    decay: float = 0.1
    seed: int = 0

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The hyperparameters by name, as scikit-learn's `clone` wants them."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def set_params(self, **params: Any) -> TitledNetwork:
        """Change hyperparameters by name."""
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def fit(
        self,
        x: Codes,
        tokens: Tokens,
        tasks: Sequence[Task],
        clues: NDArray[np.bool_] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> TitledNetwork:
        """Train on (n, d) codes and (n, length) title tokens; `predict_proba` answers for the first task.

        `clues` marks the codes that may be absent (all 0): they are withheld from some rows of every batch.
        """
        import jax
        import jax.numpy as jnp
        import optax

        batch = min(self.batch, len(x))
        steps = len(x) // batch
        ends = np.cumsum([task.targets.shape[1] for task in tasks])
        rng = np.random.default_rng(self.seed)
        weights = self._initial(x.shape[1], int(ends[-1]), rng)
        moments = {"m0": weights["b0"], "m1": weights["b1"], "v0": weights["g0"], "v1": weights["g1"]}
        cycle = optax.cosine_onecycle_schedule(self.epochs * steps, self.rate, 0.3, 25, 1e4)
        optimizer = optax.adamw(cycle, weight_decay=self.decay, mask={name: w.ndim == 2 for name, w in weights.items()})
        state = optimizer.init(weights)
        optional = np.zeros(x.shape[1], bool) if clues is None else clues
        data = jax.device_put((x, tokens, [(task.targets, task.weights) for task in tasks]))

        def drop(key: Any, a: Any, share: float) -> Any:
            return jnp.where(jax.random.bernoulli(key, 1 - share, a.shape), a / (1 - share), 0)

        def audio(w: Any, x: Any, keys: Any) -> Any:
            moments: dict[str, Any] = {}
            h = x
            for i in range(2):
                z = h @ w[f"w{i}"]
                moments |= {f"m{i}": z.mean(axis=0), f"v{i}": z.var(axis=0)}
                z = (z - moments[f"m{i}"]) * jax.lax.rsqrt(moments[f"v{i}"] + _EPSILON) * w[f"g{i}"] + w[f"b{i}"]
                h = drop(keys[i], jax.nn.silu(z), self.dropout)
            return h @ w["w2"] + w["b2"], moments

        def title(w: Any, tokens: Any, keys: Any) -> Any:
            known = (tokens > 0) & jax.random.bernoulli(keys[2], 1 - self.title_dropout, tokens.shape)
            count = known.sum(axis=1, keepdims=True)
            bag = (w["embedding"][tokens] * known[:, :, None]).sum(axis=1) / jnp.sqrt(jnp.maximum(count, 1))
            return (count > 0) * (drop(keys[3], bag, self.title_dropout) @ w["title"] + w["titled"])

        def cross_entropy(z: Any, labels: Any) -> Any:
            parts = zip(jnp.split(z, ends[:-1], axis=1), labels, strict=True)
            return sum((-(t * jax.nn.log_softmax(p)).sum(axis=1) * v).mean() for p, (t, v) in parts)

        def loss(w: Any, x: Any, tokens: Any, labels: Any, key: Any) -> Any:
            keys = jax.random.split(key, 5)
            withheld = jax.random.bernoulli(keys[4], self.clue_dropout, (len(x), 1))
            x = jnp.where(optional & withheld, 0, x)
            heard, moments = audio(w, x, keys)
            read = jax.lax.stop_gradient(heard) + title(w, tokens, keys)
            return cross_entropy(heard, labels) + cross_entropy(read, labels), moments

        def step(w: Any, moments: Any, state: Any, data: Any, rows: Any, key: Any) -> Any:
            chosen = jax.tree.map(lambda a: a[rows], data)
            (value, now), gradient = jax.value_and_grad(loss, has_aux=True)(w, *chosen, key)
            moments = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, moments, now)
            update, state = optimizer.update(gradient, state, w)
            return optax.apply_updates(w, update), moments, state, value

        compiled = jax.jit(step)
        key = jax.random.PRNGKey(self.seed)
        for epoch in range(self.epochs):
            for rows in rng.permutation(len(x))[: steps * batch].reshape(steps, batch):
                key, now = jax.random.split(key)
                weights, moments, state, value = compiled(weights, moments, state, data, rows, now)
            progress(f"epoch {epoch + 1} of {self.epochs}, loss {float(value):.3f}")
        self._fold({name: np.asarray(a) for name, a in (weights | moments).items()}, int(ends[0]))
        return self

    def _initial(self, inputs: int, outputs: int, rng: np.random.Generator) -> Weights:
        """Random weights; a title starts without any say."""
        a, b = self.hidden

        def linear(n: int, m: int) -> Array:
            return rng.uniform(-(n**-0.5), n**-0.5, (n, m)).astype(np.float32)

        zeros = {"b0": a, "b1": b, "b2": outputs, "titled": outputs, "title": (self.title_size, outputs)}
        embedding = rng.normal(0, 0.05, (self.buckets + 1, self.title_size)).astype(np.float32)
        return {
            "w0": linear(inputs, a), "w1": linear(a, b), "w2": linear(b, outputs), "embedding": embedding,
            "g0": np.ones(a, np.float32), "g1": np.ones(b, np.float32),
        } | {name: np.zeros(shape, np.float32) for name, shape in zeros.items()}  # fmt: skip

    def _fold(self, w: Weights, outputs: int) -> None:
        """Keep what serving needs: normalisation folded into the layers, the first task's outputs, half floats."""
        scale = [w[f"g{i}"] / np.sqrt(w[f"v{i}"] + _EPSILON) for i in range(2)]
        folded = {
            "w0": w["w0"] * scale[0], "b0": w["b0"] - w["m0"] * scale[0],
            "w1": w["w1"] * scale[1], "b1": w["b1"] - w["m1"] * scale[1],
            "w2": w["w2"][:, :outputs], "b2": w["b2"][:outputs],
            "embedding": np.concatenate([np.zeros_like(w["embedding"][:1]), w["embedding"][1:]]),
            "title": w["title"][:, :outputs], "titled": w["titled"][:outputs],
        }  # fmt: skip
        self.weights_ = {name: a.astype(np.float16).astype(np.float32) for name, a in folded.items()}

    def predict_proba(self, x: Codes, tokens: Tokens | None = None) -> Array:
        """Probabilities (n, k) of the first task's labels, from (n, d) codes and, where given, title tokens."""
        out = np.empty((len(x), len(self.weights_["b2"])), np.float32)
        for i in range(0, len(x), _CHUNK):
            rows = slice(i, i + _CHUNK)
            z = self._audio(x[rows])
            if tokens is None:
                z *= self.sharpness[0]
            else:
                z = self._with_title(z, tokens[rows])
            np.exp(z - z.max(axis=1, keepdims=True), out=z)
            out[rows] = z / z.sum(axis=1, keepdims=True)
        return out

    def _audio(self, x: Codes) -> Array:
        w = self.weights_
        h = _silu(x @ w["w0"] + w["b0"])
        h = _silu(h @ w["w1"] + w["b1"])
        return h @ w["w2"] + w["b2"]

    def _with_title(self, z: Array, tokens: Tokens) -> Array:
        w = self.weights_
        count = np.count_nonzero(tokens, axis=1)[:, None]
        bag = w["embedding"][tokens[:, : count.max(initial=0)]].sum(axis=1) / np.sqrt(np.maximum(count, 1))
        both = z + bag.astype(np.float32) @ w["title"] + w["titled"]
        return np.where(count > 0, self.sharpness[1] * both, self.sharpness[0] * z)

    def __getstate__(self) -> dict[str, Any]:
        """Store half floats: `fit` rounded to them, so nothing is lost."""
        state = self.__dict__.copy()
        if "weights_" in state:
            state["weights_"] = {name: a.astype(np.float16) for name, a in self.weights_.items()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Expand to single floats once, at load: arithmetic on half floats is slow."""
        self.__dict__ |= state
        if "weights_" in state:
            self.weights_ = {name: a.astype(np.float32) for name, a in state["weights_"].items()}


def _silu(z: Array) -> Array:
    """Compute z / (1 + exp(-z)) in place (Elfwing et al. 2018)."""
    with np.errstate(over="ignore"):  # exp(-z) may become infinite, and z / inf is the right limit
        z /= 1 + np.exp(-z)
    return z
