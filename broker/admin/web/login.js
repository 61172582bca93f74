// The login form.
import * as api from "./api.js";
import { h } from "./dom.js";
import { complain, form } from "./parts.js";

export function login_page(enter) {
    const fields = [
        { name: "username", label: "User", required: true, autocomplete: "username" },
        { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
    ];
    async function on_submit({ username, password }) {
        try {
            await api.log_in(username, password);
        } catch (problem) {
            throw problem.message === "Not_Authorized" ? new Error("User or password is wrong.") : problem;
        }
        complain("");
        await enter(await api.who_am_i());
    }
    return h("main", { id: "main", class: "login", tabindex: "-1" },
        h("div", { class: "card" },
            h("img", { src: "leveret.svg", alt: "", width: 56, height: 56 }),
            h("h1", {}, "Leveret"),
            h("p", { class: "muted" }, "Message broker"),
            form({ fields, submit: "Log in", on_submit, kind: "column" })));
}
