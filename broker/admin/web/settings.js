// What a queue's arguments and policies come to, and changing the arguments while it is in use.
import * as api from "./api.js";
import { h, replace } from "./dom.js";
import { parse_arguments, value } from "./format.js";
import { badge, facts, form, say } from "./parts.js";

// What no policy could say comes last: it is the argument's alone.
export function show_settings(element, settings, given) {
    const known = new Set(settings.map(({ key }) => `x-${key}`));
    const others = Object.entries(given).filter(([name]) => !known.has(name));
    const said = ({ source, policy, operator_policy: operators }) => (source === "argument" ? badge("argument")
        : badge(`${source} ${(source === "policy" ? policy : operators).name}`, "info"));
    replace(element, facts([...settings.map((each) => [each.key, [value(each.value), " ", said(each)]]),
        ...others.map(([name, each]) => [name, value(each)])]),
    settings.length + others.length === 0 ? h("p", { class: "muted" }, "No arguments, no policy.") : null);
}

export function settings_form(vhost, name, after) {
    return form({ submit: "Change arguments", kind: "column", fields: [
        { name: "arguments", label: "Arguments to change", type: "textarea", rows: 3, required: true,
            placeholder: "x-message-ttl = 60000",
            help: "One a line: name = value. Without a value the argument is taken away." },
    ], on_submit: async (values, element) => {
        const changes = Object.entries(parse_arguments(values.arguments))
            .map(([key, each]) => [key, each === "" ? null : each]);
        const { changed } = await api.post(api.path("queues", vhost, name, "settings"),
            { arguments: Object.fromEntries(changes) });
        say(Object.keys(changed).length === 0 ? "Nothing is different" : `Changed: ${Object.keys(changed).join(", ")}`);
        element.reset();
        after();
    } });
}
