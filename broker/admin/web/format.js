// Numbers, sizes, times and AMQP's values as people read them. Texts only.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function count(value) {
    return typeof value === "number" ? whole.format(value) : "–";
}

export function rate(value) {
    if (typeof value !== "number") {
        return "–";
    }
    return (value >= 100 ? whole : short).format(value) + "/s";
}

export function bytes(value) {
    if (typeof value !== "number") {
        return "–";
    }
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit += 1;
    }
    return `${short.format(value)} ${units[unit]}`;
}

export function duration(milliseconds) {
    const seconds = Math.floor(milliseconds / 1000);
    const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const first = parts.findIndex(([size]) => seconds >= size);
    if (first < 0) {
        return "0 s";
    }
    return parts.slice(first, first + 2)
        .map(([size, unit], i) => [Math.floor((i === 0 ? seconds : seconds % parts[first][0]) / size), unit])
        .filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(" ");
}

export function time(milliseconds) {
    return milliseconds ? new Date(milliseconds).toLocaleString() : "–";
}

export function value(any) {
    return typeof any === "string" ? any : JSON.stringify(any);
}

export function exchange_title(name) {
    return name === "" ? "(default exchange)" : name;
}

// "x-message-ttl = 60000", one a line; what is a number, true, false or JSON is that, all else is text.
export function parse_arguments(text) {
    const result = {};
    for (const line of text.split("\n").map((each) => each.trim()).filter((each) => each !== "")) {
        const middle = line.indexOf("=");
        if (middle < 1) {
            throw new Error(`“${line}” is not of the form  name = value`);
        }
        const raw = line.slice(middle + 1).trim();
        result[line.slice(0, middle).trim()] = parse_value(raw);
    }
    return result;
}

function parse_value(raw) {
    if (/^(-?\d|true$|false$|["[{])/.test(raw)) {
        try {
            return JSON.parse(raw);
        } catch {
            return raw;
        }
    }
    return raw;
}

export function arguments_text(table) {
    return Object.entries(table ?? {}).map(([name, each]) => `${name} = ${value(each)}`).join("\n");
}
