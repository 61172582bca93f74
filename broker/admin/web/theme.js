// Runs before anything is drawn: the theme that was chosen here last; without a choice the system decides.
(function () {
    try {
        const theme = localStorage.getItem("leveret-theme");
        if (theme === "light" || theme === "dark") {
            document.documentElement.dataset.theme = theme;
        }
    } catch {
        // no storage: the system's theme
    }
})();
