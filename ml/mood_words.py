"""What everyday words mean as moods: "hype" is energetic, "late night coding" is chill and focus."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

WORDS: Mapping[str, str] = {
    "energetic": """energy, energise, energize, energizing, hype, hyped, hyper, pumped, pumped up, pump up, pump me
        up, powerful, power, adrenaline, upbeat, lively, wild, exciting, excited, excitement, fast, intense, high
        energy, electrifying, explosive, turn it up, loud, wake up, wakeup, wide awake, morning boost, boost, rush,
        vigorous, dynamic, banger, bangers, rock out, epic, motivation, motivated, motivational, motivating,
        motivate me, hustle, victory, winning, game day, gameday, matchday, match day, pregame, race day, gaming,
        esports, driving, drive, road trip, roadtrip, car, highway, motorcycle, skating, skateboarding,
        snowboarding, skiing, surfing, cleaning, clean the house, housework, chores, unstoppable, confident,
        confidence, badass, fearless,
        ⚡, 🔥, 🚀, 🚗, 🛹, 🏄""",
    "happy": """happiness, joy, joyful, joyous, cheerful, cheery, cheer, cheer me up, cheering up, feel good,
        feelgood, feeling good, good mood, good vibes, good times, positive, positivity, optimistic, sunny,
        sunshine, sun, bright, smile, smiling, fun, funny, glad, delighted, merry, jolly, gleeful, playful, silly,
        goofy, uplifting, uplift, upbeat, summer, summery, summertime, spring, springtime, beach, vacation, holiday,
        holidays, weekend, friday, picnic, carefree, elated, ecstatic, euphoric, euphoria, bliss, blissful, sing
        along, singalong, karaoke, shower, singing in the shower, road trip, roadtrip, cooking, baking, breakfast,
        brunch, wedding, family, kids, children, garden, gardening, barbecue, barbeque, bbq, cookout, grill,
        good morning, laugh, laughter, laughing, celebrate, celebrating, gratitude, grateful, thankful, hopeful,
        hope, in love, new love, crush, beach party,
        😀, 😃, 😄, 😁, 😆, 😊, 🙂, 😎, 🌞, ☀, 🌈, 🤗, 🥳, 🏖, 🌻""",
    "sad": """sadness, unhappy, unhappiness, sorrow, sorrowful, melancholy, melancholic, melancholia, gloomy, gloom,
        blue, feeling blue, feeling down, feel down, im down, down, heartbreak, heartbroken, heart broken, broken
        heart, heartache, breakup, break up, breaking up, divorce, dumped, cry, crying, tears, tearjerker, weep,
        weeping, sob, lonely, loneliness, alone, lonesome, depressed, depressing, depression, grief, grieving,
        mourning, mourn, funeral, loss, lost, miss you, missing you, missing someone, miss, goodbye, farewell,
        regret, pain, painful, hurt, hurting, hopeless, despair, misery, miserable, wistful, bittersweet, moody,
        emotional, homesick, bad day, in my feels, feels, nostalgic, nostalgia, longing, yearning, unrequited,
        rainy, rain, raining, rainy day, grey, winter, autumn,
        😢, 😭, 😞, 😔, 😥, 😿, 💔, 🙁, ☹, 🌧, 🥺""",
    "chill": """chilled, chillout, chill out, chilling, chillin, chilly, laid back, laidback, mellow, easy going,
        easygoing, easy, relax, relaxed, relaxing, relaxation, lounge, lounging, lazy, sunday, sunday morning, lazy
        sunday, hammock, hang out, hanging out, hangout, kick back, unwind, unwinding, wind down, winding down,
        vibe, vibes, vibing, lofi, lo fi, smooth, cool down, cooldown, cosy, cozy, coffee, coffee shop, coffeehouse,
        cafe, tea, sunset, evening, after work, late night, late nights, night drive, night driving, stoned, smoke,
        weed, high, groovy, beach, poolside, pool, background, cooking, dinner party, walk, walking, stroll,
        strolling, commute, commuting, train ride, travel, travelling, traveling, rainy, rain, raining, rainy day,
        fireplace, autumn,
        😌, 🛋, ☕, 🌅, 🍃, 🌴, 🍵""",
    "calm": """calming, calmness, calm down, peace, peaceful, peacefully, quiet, quietly, silence, soft, softly,
        gentle, gently, serene, serenity, tranquil, tranquility, tranquillity, still, stillness, soothing, soothe,
        soothed, slow, slow down, meditate, meditation, meditating, meditative, mindful, mindfulness, yoga,
        stretching, spa, massage, bath, bubble bath, zen, prayer, praying, pray, spiritual, contemplative,
        reflective, reflection, nature, forest, ocean, anxiety, anxious, stress, stressed, stressful, destress, de
        stress, no stress, stress relief, stress free, panic, overwhelmed, burnout, hangover, hungover, headache,
        baby, pregnancy, healing, heal, recovery, breathe, breathing, ambient, ethereal, dreamy,
        🧘, 🕊, 🛁, 🌊, 🌿, 🙏""",
    "focus": """focused, focussed, focusing, focussing, concentrate, concentrating, concentration, study, studying,
        studies, student, homework, exam, exams, revision, revise, learn, learning, school, university, read,
        reading, book, books, write, writing, essay, thesis, work, working, workday, office, desk, job, productive,
        productivity, deep work, code, coding, programming, programmer, debugging, hacking, developer, computer,
        maths, math, brain, thinking, think, think straight, flow state, deadline, no distraction, no distractions,
        without distractions, instrumental, no lyrics, no vocals, no words, without lyrics, without words, painting,
        drawing, art, creative, design, designing, chess, puzzle,
        📚, 🧠, 💻, 📖, ✍, 👩‍💻, 🎓""",
    "party": """parties, partying, celebration, celebrate, celebrating, birthday, bday, new year, new years, new
        years eve, bash, house party, pre drinks, predrinks, drinks, drinking, drunk, beer, shots, cocktail,
        cocktails, tipsy, turn up, turnt, lit, festival, carnival, nightlife, night out, girls night, boys night,
        bachelorette, bachelor, stag, hen night, prom, graduation, barbecue, barbeque, bbq, cookout, pool party,
        beach party, saturday night, friday night, crowd, bar, pub, reception, banger, bangers, yacht, spring break,
        🎉, 🎊, 🍻, 🥂, 🍾, 🎂, 🪩, 🥳, 🍹""",
    "dance": """dancing, dancer, danceable, dancefloor, dance floor, club, clubbing, clubby, nightclub, disco, rave,
        raving, ravers, groove, groovy, grooving, funky, rhythm, rhythmic, move, moving, shake, boogie, twerk,
        twerking, salsa night, zumba, ballroom, dj, dj set, deejay, bounce, bouncy, prom, afterparty, after
        party,
        💃, 🕺, 🎧""",
    "workout": """work out, working out, workouts, gym, exercise, exercising, training, train, train hard, fitness,
        fit, run, running, runner, jog, jogging, sprint, sprinting, marathon, treadmill, cardio, hiit, crossfit,
        lift, lifting, weights, weightlifting, weight lifting, deadlift, squats, bench press, bodybuilding, muscle,
        muscles, beast mode, sweat, sweaty, sweating, cycling, bike, biking, spin class, spinning, swim, swimming,
        rowing, boxing, kickboxing, martial arts, aerobics, sport, sports, football, soccer, basketball, tennis,
        hockey, hike, hiking, climbing, warm up, warmup, leg day, athlete, athletic,
        💪, 🏋, 🏃, 🚴, 🥊, ⚽, 🏀, 🏊, 🤸""",
    "romantic": """romance, romances, love, loving, lovely, lover, lovers, love song, love songs, lovey dovey, in
        love, date, date night, first date, dating, candlelight, candle light, candlelit, candlelit dinner, dinner,
        dinner date, valentine, valentines, valentines day, anniversary, proposal, engagement, wedding, first dance,
        slow dance, slow dancing, honeymoon, kiss, kissing, cuddle, cuddling, cuddles, hug, intimate, intimacy,
        intimately, tender, tenderness, sensual, sensuous, sexy, seductive, seduction, passion, passionate, sweet,
        sweetheart, darling, crush, boyfriend, girlfriend, husband, wife, soulmate, bedroom, making love, make out,
        wine, red wine, flirt, flirty, flirting, affection, affectionate, adore, serenade,
        ❤, 💕, 💖, 💘, 💗, 💞, 😍, 🥰, 😘, 💋, 🌹, 💍, 💑, 🍷""",
    "sleep": """zzz, sleepy, sleeping, asleep, fall asleep, falling asleep, cant sleep, can t sleep, bed, bedtime,
        nap, napping, naptime, nap time, power nap, goodnight, good night, night night, night time, nighttime, lullaby,
        lullabies, insomnia, snooze, slumber, dream, dreams, dreaming, doze, dozing, drowsy, tired, exhausted,
        exhaustion, rest, resting, midnight, white noise, bedtime story, baby sleep, sweet dreams,
        😴, 💤, 🛌, 🛏, 🌙, 🌃, 🥱""",
    "angry": """anger, mad, furious, fury, rage, raging, aggressive, aggression, hate, hatred, pissed, pissed off,
        annoyed, irritated, irate, violent, violence, brutal, heavy, hard, harsh, mosh, moshing, mosh pit, headbang,
        headbanging, scream, screaming, shout, shouting, rebel, rebellious, rebellion, riot, revenge, fight,
        fighting, war, battle, evil, destroy, smash, frustrated, frustration, vent, venting, let off steam, hostile,
        vengeful, bitter, betrayed,
        😠, 😡, 🤬, 👿, 🤘, 👊, 💢""",
}
"""Each mood's everyday words, phrases and emoji, the one place to teach a new one; a word under two moods is both."""

_OPPOSITE: Mapping[str, str] = {
    "energetic": "calm",
    "happy": "sad",
    "sad": "happy",
    "chill": "energetic",
    "calm": "energetic",
    "party": "calm",
    "dance": "calm",
    "workout": "calm",
    "sleep": "energetic",
    "angry": "calm",
}
_NEGATIONS = frozenset({"not", "no", "non", "nothing", "never", "without", "less", "dont", "isnt"})
_MOST = 3  # moods in a blend: the centre of four is nowhere in particular
_LONGEST = 4  # words in a phrase
_TOKEN = re.compile(r"\w+|[^\w\s!-~]")
_DROPPED = re.compile(r"[\u0300-\u036f\u2019'\ufe0f]")  # accents, apostrophes, and what asks for a coloured emoji
_ENDINGS = re.compile(r"(?:ness|ing|er|ed|ly|es|(?<!s)s)$")
_DOUBLED = re.compile(r"([^aeiou\W\d])\1$")


@dataclass(frozen=True)
class Meaning:
    """The moods a text stands for, most telling first; `exact` when it named them itself and nothing was guessed."""

    moods: tuple[str, ...]
    exact: bool


def nearest(text: str) -> Meaning | None:
    """The moods `text` stands for, by its words, their inflections and near misspellings; None when it says nothing.

    Several words blend their moods ("chill focus"); "not sad" is the opposite of sad; case and accents do not matter.
    """
    tokens = _tokens(text)
    votes: dict[str, int] = {}
    negated, at = False, 0
    while at < len(tokens):
        if tokens[at] in _NEGATIONS and not _lookup(tokens[at:])[0]:
            negated, at = True, at + 1
            continue
        moods, length = _lookup(tokens[at:])
        for mood in moods:
            meant = _OPPOSITE.get(mood) if negated else mood
            if meant:
                votes[meant] = votes.get(meant, 0) + 1
        negated = negated and not moods
        at += length
    if not votes:
        return None
    strongest = sorted(votes, key=lambda mood: -votes[mood])[:_MOST]
    return Meaning(tuple(strongest), exact=set(strongest) <= set(tokens))


def _lookup(tokens: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The moods of the longest phrase that `tokens` start with, and how many of them it takes: at least one."""
    table = _table()
    for length in range(min(_LONGEST, len(tokens)), 0, -1):
        if found := table.get(" ".join(map(_stem, tokens[:length]))):
            return found, length
    return _misspelt(tokens[0]), 1


def _misspelt(word: str) -> tuple[str, ...]:
    """The moods of the one table word that `word` must be a slip of: same first letter, one edit, two in long words."""
    from rapidfuzz.distance import OSA

    if len(word) < 4:
        return ()
    near = [
        (OSA.distance(word, known), -len(known), known)
        for known in _spellings()
        if known[0] == word[0] and abs(len(known) - len(word)) <= 2
    ]
    if not near:
        return ()
    edits, _, best = min(near)
    return _table()[_stem(best)] if edits <= (2 if len(best) >= 9 else 1) else ()


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Stemmed word or phrase -> its moods; a mood's own name means that mood alone."""
    table: dict[str, tuple[str, ...]] = {}
    for mood, words in WORDS.items():
        for entry in words.split(","):
            key = " ".join(map(_stem, _tokens(entry)))
            table[key] = tuple(dict.fromkeys((*table.get(key, ()), mood)))
    return table | {_stem(mood): (mood,) for mood in WORDS}


@cache
def _spellings() -> tuple[str, ...]:
    """The single words long enough to tell a slip from another word."""
    single = {token for words in WORDS.values() for entry in words.split(",") if len(token := entry.strip()) >= 5}
    return tuple(sorted({word for word in single if word.isalpha()} | set(WORDS)))


def _tokens(text: str) -> list[str]:
    """Casefolded words without accents, and the signs between them one by one: an emoji is a word."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return _TOKEN.findall(plain.replace("_", " "))


def _stem(word: str) -> str:
    """The word without its inflection, after Porter's first step: happy, happily and happiness are all "happi"."""
    while len(shorter := _ENDINGS.sub("", word)) >= 3 and shorter != word:
        word = shorter
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3:
        word = f"{word[:-1]}i"
    return _DOUBLED.sub(r"\1", word)
