// Looks through the messages of a queue where they stand, in parts and with a search; what is chosen is deleted, moved,
// copied, or sent back to where it died.
import * as api from "./api.js";
import { h, button, fresh_id, replace } from "./dom.js";
import { count } from "./format.js";
import { deaths, message_card } from "./messages.js";
import { complain, confirm, doing, form, say } from "./parts.js";

const SHOWN_OCTETS = 50_000;
const DESTINATIONS = [["queue", "A queue"], ["exchange", "An exchange"], ["back", "Where they died (dead letters)"],
    ["again", "The exchange that they died behind"]];

// What was searched for, as the API takes it with a GET and in a body.
function search_of({ header, key, body }) {
    return Object.fromEntries(Object.entries({ header, key, body }).filter(([, text]) => text !== ""));
}

function destination_of({ to, name, routing_key }) {
    switch (to) {
        case "queue":
            return { queue: name };
        case "exchange":
            return { exchange: name, ...(routing_key === "" ? {} : { routing_key }) };
        default:
            return { back: to === "back" ? "queue" : "exchange" };
    }
}

function told({ matched, moved, unroutable, refused }, done) {
    const stayed = [unroutable ? `${count(unroutable)} reach no queue` : "",
        refused ? `${count(refused)} found a full queue` : ""].filter((text) => text !== "").join(", ");
    return `${count(moved)} of ${count(matched)} ${matched === 1 ? "message" : "messages"} ${done}` +
        (stayed === "" ? "" : `; ${stayed}`);
}

export function browse(vhost, name, after) {
    const path = (...rest) => api.path("queues", vhost, name, ...rest);
    const shown = h("div", { class: "messages", "aria-live": "polite" });
    const deeds = h("div", { class: "messages", hidden: true });
    const position = h("span"), before = button("Previous", () => turn(-1)), behind = button("Next", () => turn(1));
    const state = { search: {}, size: "20", starts: [""], chosen: new Set(), next: null };

    async function look() {
        const here = Object.fromEntries(new URLSearchParams(state.starts.at(-1)));
        const { items, next } = await api.get_part(path("peek"), { ...state.search, ...here, count: state.size,
            truncate: SHOWN_OCTETS });
        state.next = next;
        state.chosen.clear();
        replace(shown, items.length > 0 ? items.map(card)
            : h("p", { class: "empty" }, next ? "None among those looked at so far." : "No such message is ready."));
        position.textContent = items.length === 0 ? ""
            : `Places ${count(items[0].position + 1)} to ${count(items.at(-1).position + 1)}`;
        before.disabled = state.starts.length === 1;
        behind.disabled = next === null;
        back.hidden = !items.some((message) => deaths(message).length > 0);
        deeds.hidden = false;
    }

    function card(message) {
        const box = h("input", { type: "checkbox", "aria-label": `Choose place ${message.position + 1}`,
            onchange: () => (box.checked ? state.chosen.add(message.sequence)
                : state.chosen.delete(message.sequence)) });
        return message_card(vhost, message, `Place ${message.position + 1}`, box);
    }

    function turn(step) {
        step > 0 ? state.starts.push(state.next) : state.starts.pop();
        look().catch(complain);
    }

    // What a deed is about: the chosen ones, or all that match.
    function choice(which) {
        if (which === "match") {
            return { match: state.search };
        }
        if (state.chosen.size === 0) {
            throw new Error("Choose messages first.");
        }
        return { sequences: [...state.chosen] };
    }

    async function carry_out(deed, order, done) {
        say(told(await api.post(path(deed), order), done));
        state.starts = [""];
        await look();
        after();
    }

    const search = form({ kind: "row", submit: "Look", fields: [
        { name: "header", label: "Header is", placeholder: "name:value" },
        { name: "key", label: "Routing key has" }, { name: "body", label: "Body has" },
        { name: "size", label: "At a time", type: "select", options: ["20", "50", "100", "500"] },
    ], on_submit: async ({ size, ...values }) => {
        Object.assign(state, { search: search_of(values), size, starts: [""] });
        await look();
    } });
    const back = doing("Send back", () => carry_out("move", { ...choice(which.value), destination: "back" },
        "sent back"));
    const all = h("input", { id: fresh_id("all"), type: "checkbox", onchange: () => {
        shown.querySelectorAll("input[type=checkbox]").forEach((box) => box.checked === all.checked || box.click());
    } });
    const which = h("select", { id: fresh_id("which") }, h("option", { value: "chosen" }, "the chosen messages"),
        h("option", { value: "match" }, "all that the search finds"));
    replace(deeds, h("div", { class: "toolbar" }, h("span", { class: "check" }, all,
        h("label", { for: all.id }, "Choose all shown")), h("span", { class: "spread" }), position,
    h("span", { class: "pair" }, before, behind)),
    h("div", { class: "box" }, h("div", { class: "toolbar" }, h("label", { for: which.id }, "Do it with"), which, back,
        doing("Delete them", async () => {
            const order = choice(which.value);
            if (await confirm({ title: "Delete these messages?", action: "Delete messages",
                text: which.value === "match" ? `All of ${name} that the search finds.`
                    : `${count(order.sequences.length)} messages of ${name}.` })) {
                await carry_out("delete-messages", order, "deleted");
            }
        }, "danger")),
    transfer(async ({ copy, ...values }) => carry_out(copy ? "copy" : "move",
        { ...choice(which.value), destination: destination_of(values) }, copy ? "copied" : "moved"))));
    return [search, deeds, shown];
}

function transfer(on_submit) {
    return form({ kind: "row", submit: "Send them there", fields: [
        { name: "to", label: "Destination", type: "select", options: DESTINATIONS },
        { name: "name", label: "Its name" },
        { name: "routing_key", label: "Key, if another one" },
        { name: "copy", label: "Copy, and leave them here", type: "checkbox" },
    ], on_submit });
}
