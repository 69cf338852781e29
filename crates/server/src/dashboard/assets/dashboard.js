// Everything works without this file; it makes some things quicker.

// A choice that leads on leads on at once.
for (const select of document.querySelectorAll("select[data-submits]")) {
  select.form.classList.add("scripted");
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A menu closes with Escape and with a click beside it.
for (const menu of document.querySelectorAll("details.menu")) {
  const close = () => { menu.open = false; };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { close(); menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) close(); });
}

// Charts: a crosshair with the numbers of the table below, by mouse, touch and arrow keys.
for (const chart of document.querySelectorAll("figure.chart[data-table]")) {
  const table = document.getElementById(chart.dataset.table);
  const plot = chart.querySelector(".plot");
  const svg = plot?.querySelector("svg");
  const hair = svg?.querySelector(".hair");
  const rows = table ? [...table.querySelectorAll("tbody tr[data-x]")] : [];
  if (!hair || rows.length === 0) continue;
  const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  const places = rows.map((row) => Number(row.dataset.x));
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-live", "polite");
  tip.hidden = true;
  plot.append(tip);
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", chart.dataset.keys ?? "");
  const width = svg.viewBox.baseVal.width;
  let at = rows.length - 1;
  const show = (index) => {
    at = Math.max(0, Math.min(rows.length - 1, index));
    hair.setAttribute("x1", places[at]);
    hair.setAttribute("x2", places[at]);
    hair.classList.add("on");
    const lines = [...rows[at].cells].map((cell, column) => {
      const line = document.createElement(column === 0 ? "b" : "span");
      const text = cell.textContent.trim();
      line.textContent = column === 0 ? text : `${heads[column]}: ${text}`;
      return text === "" ? null : line;
    });
    tip.replaceChildren(...lines.filter((line) => line !== null));
    tip.hidden = false;
    const right = places[at] / width > 0.55;
    tip.classList.toggle("left", right);
    // Positions are set through the object model, which the policy allows; markup never has a style.
    tip.style.setProperty("--x", `${(places[at] / width) * 100}%`);
  };
  const hide = () => { tip.hidden = true; hair.classList.remove("on"); };
  const near = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    let best = 0;
    for (let index = 1; index < places.length; index += 1) {
      if (Math.abs(places[index] - x) < Math.abs(places[best] - x)) best = index;
    }
    show(best);
  };
  plot.addEventListener("pointermove", near);
  plot.addEventListener("pointerdown", near);
  plot.addEventListener("pointerleave", () => { if (document.activeElement !== plot) hide(); });
  plot.addEventListener("focus", () => { if (plot.matches(":focus-visible")) show(at); });
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 }[event.key];
    if (step !== undefined) show(at + step);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(rows.length - 1);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
  });
}
