// Policies of users and of operators.
import * as api from "./api.js";
import { h } from "./dom.js";
import { arguments_text, parse_arguments } from "./format.js";
import { confirm, doing, fold, form, say, section, table } from "./parts.js";

const KINDS = ["all", "queues", "classic_queues", "quorum_queues", "exchanges"];

function part(context, kind, title) {
    const target = context.vhost ? api.path(kind, context.vhost) : kind;
    const writes = context.may(kind === "policies" ? "policymaker" : "administrator");
    const rows = table({ caption: title, key: (row) => `${row.vhost} ${row.name}`, empty: `No ${title.toLowerCase()}.`,
        columns: [
            { title: "Name", cell: (row) => row.name }, { title: "Virtual host", cell: (row) => row.vhost },
            { title: "Pattern", cell: (row) => h("code", {}, row.pattern) },
            { title: "Applies to", cell: (row) => row["apply-to"] },
            { title: "Priority", number: true, cell: (row) => row.priority },
            { title: "Definition", cell: (row) => h("code", { class: "lines" }, arguments_text(row.definition)) },
            { title: "", cell: (row) => (writes ? doing("Delete", async () => {
                if (await confirm({ title: "Delete this policy?", text: row.name, action: "Delete policy" })) {
                    await api.remove(api.path(kind, row.vhost, row.name));
                    say("Policy deleted");
                    refresh();
                }
            }, "small danger") : null) }] });
    const refresh = context.poll(async () => rows.update(await api.get(target)), 5000);
    const add = form({ submit: "Set policy", fields: [
        { name: "vhost", label: "Virtual host", type: "select", options: context.vhosts, value: context.vhost || "/" },
        { name: "name", label: "Name", required: true },
        { name: "pattern", label: "Pattern", required: true, placeholder: "^orders\\.", help: "A regular expression." },
        { name: "apply", label: "Applies to", type: "select",
            options: kind === "policies" ? KINDS : KINDS.slice(1, 4) },
        { name: "priority", label: "Priority", type: "number", value: "0" },
        { name: "definition", label: "Definition", type: "textarea", wide: true, required: true,
            placeholder: "message-ttl = 60000\ndead-letter-exchange = dlx", help: "One a line: key = value." },
    ], on_submit: async (values, element) => {
        await api.put(api.path(kind, values.vhost, values.name), { pattern: values.pattern, "apply-to": values.apply,
            priority: Number(values.priority), definition: parse_arguments(values.definition) });
        say(`Policy ${values.name} set`);
        element.reset();
        refresh();
    } });
    return [section(title, rows.element), writes ? fold(`Set ${title === "Policies" ? "a policy"
        : "an operator policy"}`, add) : null];
}

export function policies(context) {
    return { title: "Policies", content: [part(context, "policies", "Policies"),
        part(context, "operator-policies", "Operator policies")] };
}
