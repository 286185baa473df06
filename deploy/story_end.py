"""The story's summary: who got which letters, results by goal, the ledger."""
from story_world import languages


def kroner(ore):
    """"1 600 000,00"."""
    whole, rest = divmod(abs(ore), 100)
    return "%s%s,%02d" % ("\u2212" if ore < 0 else "", format(whole, ",").replace(",", " "), rest)


def table(title, heads, rows):
    widths = [max(len(str(row[i])) for row in [heads, *rows]) for i in range(len(heads))]
    print("\n" + title)
    for row in [heads, *rows]:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def letters(world):
    rows, kinds = [], {}
    for letter in world.ask("mail", "list"):
        about = "Mondays" if letter["rule"] == "needs" else letter["subject"]
        kinds.setdefault((about, letter["rule"]), []).append(letter)
    for (about, rule), found in sorted(kinds.items()):
        sent = world.delivered(found)
        rows.append((about, rule, len(sent), languages(sent), [letter["state"] for letter in found].count("dropped") or ""))
    table("Letters", ("about", "why", "sent", "languages", "dropped"), rows)


def results(world):
    rows = []
    for evaluation in world.ask("evaluation", "list"):
        found = world.ask("evaluation", "results", evaluation["evaluation"])[0]
        for goal in found["goals"]:
            rows.append((found["evaluation"], "%d of %d" % (found["answered"], found["invited"]), goal["goal"],
                         "%.2f" % goal["mean"], "%g" % goal["median"], "%.0f %%" % (100 * goal["share_4_5"])))
    table("Results by goal", ("session", "answered", "goal", "mean", "median", "4-5"), rows)


def ledger(world):
    rows = []
    for name in ("grant-2027", "prosjekt-2027"):
        sums = {}
        for entry in world.ask("ledger", "--grant", name):
            key = (entry["account"], entry["municipality"] or "")
            sums[key] = sums.get(key, 0) + entry["amount_ore"]
        rows += [(name, account, municipality, kroner(ore).rjust(14)) for (account, municipality), ore in sorted(sums.items())]
    table("Ledger (debit positive, credit negative; the sum is zero)", ("grant", "account", "municipality", "kr".rjust(14)), rows)


def summarize(world):
    letters(world)
    results(world)
    ledger(world)
