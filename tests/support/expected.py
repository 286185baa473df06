"""What results must say, from the answers themselves: whole numbers from 1 to 5, and 0 for "don't know"."""
import fractions
import math
import statistics

THRESHOLD = 5


def rated(values):
    return [value for value in values if value]


def digits(number):
    """As JSON has it."""
    return float("%.10g" % number)


def weak(answered, invited):
    """Whether numbers are shown with a warning: fewer than ten answers, or less than 40 % of those asked."""
    return answered < 10 or fractions.Fraction(answered, invited) < fractions.Fraction(2, 5)


def numbers(values):
    """As the command's JSON has them."""
    said = rated(values)
    return {"n": len(said), "counts": {name: values.count(value) for name, value in zip(["1", "2", "3", "4", "5", "dk"], [1, 2, 3, 4, 5, 0])},
            "median": statistics.median(said), "mean": digits(statistics.mean(said)),
            "share_4_5": digits(sum(value >= 4 for value in said) / len(said))}


def decimal(number, decimals):
    """A fraction as it is written, half rounded up as spreadsheets do; with the Norwegian comma."""
    scaled = math.floor(fractions.Fraction(number) * 10 ** decimals + fractions.Fraction(1, 2))
    whole, rest = divmod(scaled, 10 ** decimals)
    return "%d,%0*d" % (whole, decimals, rest) if decimals else str(whole)


def written(values):
    """As tables have them: n, the counts, median, mean, share of 4 and 5 in per cent with one decimal."""
    said = [fractions.Fraction(value) for value in rated(values)]
    return [str(len(said)), *(str(values.count(value)) for value in (1, 2, 3, 4, 5, 0)), decimal(statistics.median(said), 1),
            decimal(statistics.mean(said), 2), decimal(100 * fractions.Fraction(sum(value >= 4 for value in said), len(said)), 1)]


def municipalities(values):
    """Those that are shown of one cell, as their values; too small ones are one ('')."""
    size = {town: len(rated(of)) for town, of in values.items()}
    small = [town for town in values if size[town] < THRESHOLD]
    if small and sum(size[town] for town in small) < THRESHOLD and len(small) < len(values):
        small.append(min((size[town], town) for town in values if town not in small)[1])
    shown = {}
    for town, of in values.items():
        shown.setdefault("" if town in small else town, []).extend(of)
    return shown
