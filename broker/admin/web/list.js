// A long list in pages: filter, order and page are asked of the API, never done here, so that 100,000 things cost the
// same as ten.
import * as api from "./api.js";
import { h, button, fresh_id } from "./dom.js";
import { complain, table } from "./parts.js";
import { count } from "./format.js";

const SIZES = ["25", "50", "100", "500"];

// options: { caption, columns, key, target (path), query, on_items }
export function paged_list(context, { caption, columns, key, target, query = {}, empty, on_items = () => {} }) {
    const state = { page: 1, page_size: "50", name: context.query.get("name") ?? "", use_regex: false,
        sort: { field: "name", reverse: false } };
    const rows = table({ caption, columns, key, empty, sort: state.sort, on_sort: (sort) => {
        state.sort = sort;
        from_start();
    } });
    const position = h("span", { "aria-live": "polite" });
    const before = button("Previous", () => turn(-1)), after = button("Next", () => turn(1));
    const filter = h("input", { id: fresh_id("filter"), type: "search", value: state.name, spellcheck: "false",
        placeholder: "Filter by name", oninput: () => {
            state.name = filter.value;
            from_start();
        } });
    const regex = h("input", { id: fresh_id("regex"), type: "checkbox", onchange: () => {
        state.use_regex = regex.checked;
        from_start();
    } });
    const size = h("select", { id: fresh_id("size"), onchange: () => {
        state.page_size = size.value;
        from_start();
    } }, SIZES.map((each) => h("option", { value: each, selected: each === state.page_size }, each)));

    async function refresh() {
        const asked = { ...query, page: state.page, page_size: state.page_size, sort: state.sort.field,
            sort_reverse: state.sort.reverse };
        if (state.name !== "") {
            Object.assign(asked, { name: state.name, use_regex: state.use_regex });
        }
        let answer;
        try {
            answer = await api.get(target, asked);
        } catch (problem) {
            if (problem.status === 400 && state.page > 1) { // fewer than there were
                state.page = 1;
                return refresh();
            }
            throw problem;
        }
        complain("");
        rows.update(answer.items);
        on_items(answer.items);
        position.textContent = `${count(answer.filtered_count)} of ${count(answer.total_count)}` +
            (answer.page_count > 1 ? `, page ${answer.page} of ${answer.page_count}` : "");
        before.disabled = answer.page <= 1;
        after.disabled = answer.page >= answer.page_count;
        return undefined;
    }

    const run = context.poll(refresh, 5000);
    function turn(step) {
        state.page += step;
        run();
    }
    function from_start() {
        state.page = 1;
        run();
    }

    const element = h("section", { class: "card", "aria-label": caption },
        h("div", { class: "toolbar" },
            h("label", { class: "unseen", for: filter.id }, "Filter by name"), filter,
            h("span", { class: "check" }, regex, h("label", { for: regex.id }, "Regex")),
            h("span", { class: "spread" }), position,
            h("label", { class: "unseen", for: size.id }, "Rows per page"), size,
            h("span", { class: "pair" }, before, after)),
        rows.element);
    return { element, refresh: run };
}
