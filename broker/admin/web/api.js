// The HTTP API under api/, as this page calls it. The session's cookie says who asks; the header keeps the browser from
// asking for a password itself.
const HEADERS = { "X-Requested-With": "leveret" };

export class ApiError extends Error {
    constructor(status, reason) {
        super(reason);
        this.status = status;
    }
}

let when_logged_out = () => {};
export function on_logged_out(handler) {
    when_logged_out = handler;
}

// path("queues", "/", "a b") is "queues/%2F/a%20b"; the default exchange has a name there.
export function path(...segments) {
    return segments.map((segment) => encodeURIComponent(segment)).join("/");
}

export function exchange_path(vhost, exchange, ...rest) {
    return path("exchanges", vhost, exchange === "" ? "amq.default" : exchange, ...rest);
}

async function call(method, target, { body, query, quiet, headers, in_parts } = {}) {
    const url = "api/" + target + (query ? "?" + new URLSearchParams(query) : "");
    const options = { method, headers: { ...HEADERS, ...headers }, credentials: "same-origin", cache: "no-store" };
    if (body !== undefined) {
        options.body = typeof body === "string" ? body : JSON.stringify(body);
        options.headers["Content-Type"] = "application/json";
    }
    let response;
    try {
        response = await fetch(url, options);
    } catch {
        throw new ApiError(0, "The broker does not answer.");
    }
    const text = await response.text();
    const answer = text === "" ? null : JSON.parse(text);
    if (response.ok) {
        return in_parts ? { items: answer, next: response.headers.get("X-Next") } : answer;
    }
    if (response.status === 401 && answer === null && !quiet) {
        when_logged_out();
    }
    throw new ApiError(response.status, answer?.reason ?? response.statusText);
}

export const get = (target, query, options) => call("GET", target, { query, ...options });
// { items, next }: the parameters that ask for what comes then; null at the end.
export const get_part = (target, query) => call("GET", target, { query, in_parts: true });
export const put = (target, body, options) => call("PUT", target, { body, ...options });
export const post = (target, body, options) => call("POST", target, { body, ...options });
export const remove = (target, options) => call("DELETE", target, options);

export const log_in = (username, password) => post("login", { username, password }, { quiet: true });
export const log_out = () => remove("login", { quiet: true });
export const who_am_i = () => get("whoami", undefined, { quiet: true });

// What a user with these tags may ask for.
export function may(user, tag) {
    const tags = user.tags;
    return tags.includes("administrator") || tags.includes(tag) ||
        (tag === "management" && (tags.includes("monitoring") || tags.includes("policymaker")));
}
