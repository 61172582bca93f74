// The frame around the pages: who is logged in, the menu, which page the address names, what is polled while it shows.
import * as api from "./api.js";
import { h, replace, place, button } from "./dom.js";
import { complain, say } from "./parts.js";
import { login_page } from "./login.js";
import { pages, menu } from "./pages.js";

const POLL_MS = 2000;
const app = document.getElementById("app");
const state = { user: null, vhost: "", vhosts: [] };
let leave = () => {};

function parse_address() {
    const [address, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const segments = address.split("/").map((segment) => {
        try {
            return decodeURIComponent(segment);
        } catch {
            return segment;
        }
    });
    return { segments: segments[0] === "" || segments[0] === "main" ? ["overview"] : segments,
        query: new URLSearchParams(query) };
}

// What a page gets: whom it serves, and how to be called again while it shows.
function make_context(segments, query) {
    let over = false;
    leave();
    const timers = new Set();
    leave = () => {
        over = true;
        timers.forEach(clearTimeout);
    };
    function poll(task, interval = POLL_MS) {
        let running = false, again = false;
        const run = async () => {
            if (running) {
                again = true; // what is asked now may have changed since the running one began
                return;
            }
            running = true;
            try {
                if (!document.hidden) {
                    await task();
                }
            } catch (problem) {
                if (!over) {
                    complain(problem);
                }
            }
            running = false;
            if (!over && again) {
                again = false;
                await run();
            } else if (!over) {
                const timer = setTimeout(() => {
                    timers.delete(timer);
                    run();
                }, interval);
                timers.add(timer);
            }
        };
        run();
        return run;
    }
    return { ...state, segments: segments.slice(1), query, poll, may: (tag) => api.may(state.user, tag),
        is_over: () => over };
}

function show_page() {
    if (!state.user) {
        return;
    }
    const { segments, query } = parse_address();
    const page = pages[segments[0]] ?? pages.missing;
    const context = make_context(segments, query);
    const main = document.getElementById("main");
    complain("");
    const { title, content } = page(context);
    document.title = `${title} – Leveret`;
    replace(main, h("h1", {}, title), content);
    for (const entry of document.querySelectorAll("nav a")) {
        entry.toggleAttribute("aria-current", false);
        if (entry.getAttribute("href") === place(page.menu ?? segments[0])) {
            entry.setAttribute("aria-current", "page");
        }
    }
    document.body.classList.remove("menu-open");
    document.getElementById("menu-button")?.setAttribute("aria-expanded", "false");
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
}

function flip_theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
        localStorage.setItem("leveret-theme", next);
    } catch {
        // it lasts until the page is closed
    }
    say(`${next === "dark" ? "Dark" : "Light"} theme`);
}

function vhost_select() {
    const select = h("select", { id: "vhost", onchange: () => {
        state.vhost = select.value;
        show_page();
    } }, h("option", { value: "" }, "All virtual hosts"),
    state.vhosts.map((vhost) => h("option", { value: vhost, selected: vhost === state.vhost }, vhost)));
    return [h("label", { class: "unseen", for: "vhost" }, "Virtual host"), select];
}

function flip_menu(event) {
    const open = document.body.classList.toggle("menu-open");
    event.currentTarget.setAttribute("aria-expanded", String(open));
}

function draw_frame() {
    const groups = menu.map(([title, entries]) => {
        const shown = entries.filter(([, , tag]) => api.may(state.user, tag));
        return shown.length === 0 ? null : h("div", { class: "group" }, title ? h("h2", {}, title) : null,
            h("ul", {}, shown.map(([name, text]) => h("li", {}, h("a", { href: place(name) }, text)))));
    });
    replace(app,
        h("header", {},
            h("button", { id: "menu-button", type: "button", "aria-expanded": "false", "aria-controls": "menu",
                onclick: flip_menu }, "☰", h("span", { class: "unseen" }, "Menu")),
            h("a", { class: "brand", href: place("overview") },
                h("img", { src: "leveret.svg", alt: "", width: 28, height: 28 }), "Leveret"),
            h("div", { class: "spread" }),
            vhost_select(),
            h("span", { class: "user" }, state.user.name),
            h("button", { type: "button", class: "quiet", "aria-label": "Change between light and dark",
                onclick: flip_theme }, "◐"),
            button("Log out", log_out, "quiet")),
        h("nav", { id: "menu", "aria-label": "Pages" }, groups),
        h("main", { id: "main", tabindex: "-1" }));
}

async function log_out() {
    try {
        await api.log_out();
    } finally {
        show_login();
    }
}

function show_login() {
    leave();
    state.user = null;
    document.title = "Log in – Leveret";
    replace(app, login_page(enter));
    app.querySelector("input")?.focus();
}

export async function reload_vhosts() {
    state.vhosts = (await api.get("vhosts", { columns: "name" })).map((vhost) => vhost.name);
    const old = document.getElementById("vhost");
    if (old) {
        old.replaceWith(vhost_select()[1]);
    }
}

async function enter(user) {
    state.vhosts = [];
    try {
        await reload_vhosts();
    } catch (problem) {
        complain(problem);
    }
    state.user = user; // from now on pages are shown
    draw_frame();
    show_page();
}

addEventListener("hashchange", () => {
    if (location.hash !== "#main") {
        show_page();
    } else {
        document.getElementById("main")?.focus();
    }
});
document.addEventListener("vhosts-changed", reload_vhosts);
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
});
api.on_logged_out(() => state.user && show_login());
try {
    await enter(await api.who_am_i());
} catch (problem) {
    show_login();
    if (problem.status !== 401) {
        complain(problem);
    }
}
