// Rates and lengths over time: from the samples of the API where it sends them, else from what was seen between polls.
const KEPT_MS = 300_000;
export const RANGE = { msg_rates_age: 300, msg_rates_incr: 5, lengths_age: 300, lengths_incr: 5 };

export class History {
    constructor() {
        this.seen = new Map(); // name -> [[ms, value], ...], oldest first
    }

    // Notes a value; `object[name + "_details"].samples` wins if it is there.
    note(object, name, now = Date.now()) {
        const samples = object?.[`${name}_details`]?.samples;
        if (Array.isArray(samples) && samples.length > 1) {
            this.seen.set(name, samples.map(({ sample, timestamp }) => [timestamp, sample]).reverse());
            return;
        }
        const value = typeof object?.[name] === "number" ? object[name] : 0;
        const kept = (this.seen.get(name) ?? []).filter(([at]) => now - at < KEPT_MS);
        kept.push([now, value]);
        this.seen.set(name, kept);
    }

    lengths(name) {
        return (this.seen.get(name) ?? []).map(([x, y]) => ({ x, y }));
    }

    rates(name) {
        const points = this.seen.get(name) ?? [];
        return points.slice(1).map(([at, value], i) => {
            const [before, old] = points[i];
            return { x: at, y: at > before ? Math.max(0, ((value - old) * 1000) / (at - before)) : 0 };
        });
    }

    // The latest rate: the API's own, if it is one that moves.
    rate(object, name) {
        const told = object?.[`${name}_details`]?.rate;
        return told > 0 ? told : this.rates(name).at(-1)?.y ?? 0;
    }
}
