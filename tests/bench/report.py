"""Figures of several rounds as a table, as ratios, and as JSON."""
import json
import statistics

FIGURES = ("published_per_s", "delivered_per_s", "e2e_p50_us", "e2e_p99_us", "cpu_s_per_million", "peak_mib")
BASE, OURS = "postgresql-log", "padriver"


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


class Results:
    """Figures by (window, rate), system and round."""
    def __init__(self):
        self.rounds = {}
        self.durability = {}

    def add(self, system, load, figures):
        self.durability[system.name] = system.durability
        self.rounds.setdefault(load, {}).setdefault(system.name, []).append(figures)

    def objects(self):
        return [{"system": name, "window": window, "rate": rate,
                 **{figure: spread([one[figure] for one in rounds]) for figure in FIGURES},
                 "durability": self.durability[name]}
                for (window, rate), systems in self.rounds.items() for name, rounds in systems.items()]

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.objects(), file, indent=1)
            file.write("\n")

    def ratio(self, load, figure, over, under):
        """The median of the ratios of each round: what disturbed a round disturbed both."""
        systems = self.rounds.get(load, {})
        if not systems.get(over) or not systems.get(under):
            return None
        return statistics.median(a[figure] / b[figure] for a, b in zip(systems[over], systems[under]) if b[figure])


def number(value):
    """Short, for a table."""
    return "%.1f" % value if value < 100 else "%d" % round(value)


def show(what):
    return "%s (%s-%s)" % tuple(number(what[key]) for key in ("median", "min", "max"))


def title(load):
    window, rate = load
    return "at %d events/s" % rate if rate else "window %d" % window


def table(rows):
    """Columns as wide as need be, the first to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])])
                     for row in rows)


def text(results):
    """For a person: a table for each load, then ratios."""
    parts = []
    for load, systems in results.rounds.items():
        rows = [("system", "published/s", "delivered to all/s", "÷ log", "p50 µs", "p99 µs", "CPU s/million",
                 "peak MiB", "confirmed means")]
        for name, rounds in systems.items():
            cells = [show(spread([one[figure] for one in rounds])) for figure in FIGURES]
            ratio = results.ratio(load, "delivered_per_s", name, BASE)
            rows.append((name, *cells[:2], "%.2f" % ratio if ratio else "-", *cells[2:], results.durability[name]))
        parts.append("%s\n%s" % (title(load), table(rows)))
    parts.append(ratios(results))
    return "\n\n".join(part for part in parts if part)


def ratios(results):
    """Pådriver over each of the others, by delivered events; and its latency over theirs."""
    loads = list(results.rounds)
    others = [name for name in results.durability if name != OURS]
    if OURS not in results.durability or not others:
        return ""
    rows = [("padriver ÷", *(title(load) for load in loads), *("p50 " + title(load) for load in loads if is_paced(load)),
             *("p99 " + title(load) for load in loads if is_paced(load)))]
    for name in others:
        cells = [results.ratio(load, "delivered_per_s", OURS, name) for load in loads]
        cells += [results.ratio(load, figure, OURS, name) for figure in ("e2e_p50_us", "e2e_p99_us")
                  for load in loads if is_paced(load)]
        rows.append((name, *("%.2f" % cell if cell else "-" for cell in cells)))
    return "medians of each round's ratio: events delivered, then latency\n" + table(rows)


def is_paced(load):
    """Latency says something where nothing queues."""
    return load[1] > 0 or load[0] == 1
