// Definitions: everything that can be declared, as a file, out of the broker and into it.
import * as api from "./api.js";
import { h } from "./dom.js";
import { confirm, form, say, section } from "./parts.js";

const WHOLE = "";

function save(name, object) {
    const url = URL.createObjectURL(new Blob([JSON.stringify(object, null, 2)], { type: "application/json" }));
    h("a", { href: url, download: name }).click();
    URL.revokeObjectURL(url);
}

export function definitions(context) {
    const where = { name: "vhost", label: "Of", type: "select",
        options: [[WHOLE, "the whole broker"], ...context.vhosts.map((name) => [name, `virtual host ${name}`])] };
    const target = (vhost) => (vhost === WHOLE ? "definitions" : api.path("definitions", vhost));
    const out = form({ submit: "Export", kind: "row", fields: [where], on_submit: async ({ vhost }) => {
        save(`leveret-definitions-${new Date().toISOString().slice(0, 10)}.json`, await api.get(target(vhost)));
        say("Definitions exported");
    } });
    const into = form({ submit: "Import", kind: "row", fields: [{ ...where, label: "Into" },
        { name: "file", label: "File", type: "file", required: true, accept: ".json,application/json" }],
    on_submit: async ({ vhost, file }, element) => {
        if (await confirm({ title: "Import these definitions?", action: "Import",
            text: `${file.name} is merged into what is there.` })) {
            await api.post(target(vhost), await file.text());
            say("Definitions imported");
            element.reset();
            document.dispatchEvent(new Event("vhosts-changed"));
        }
    } });
    return { title: "Definitions", content: [
        h("p", { class: "muted" }, "Users, virtual hosts, permissions, policies, exchanges, queues and bindings, in ",
            "RabbitMQ's format. Messages are not in it."),
        section("Export", out), section("Import", into)] };
}
