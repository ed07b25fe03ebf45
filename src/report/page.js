"use strict";
/* The value under the pointer or the finger. The page is complete without it. */
document.querySelectorAll("svg.chart[data-values]").forEach(function (chart) {
  const values = chart.dataset.values.split(","), length = Number(chart.dataset.length), start = Number(chart.dataset.start);
  const over = chart.parentNode.querySelector("svg.over"), space = "http://www.w3.org/2000/svg";
  const line = over.appendChild(document.createElementNS(space, "line"));
  const text = over.appendChild(document.createElementNS(space, "text"));
  line.setAttribute("class", "cursor");
  line.setAttribute("y2", "100%");
  text.setAttribute("class", "tip");
  text.setAttribute("y", "14");
  function two(n) {
    return String(n).padStart(2, "0");
  }
  function hide() {
    line.setAttribute("visibility", "hidden");
    text.textContent = "";
  }
  function show(event) {
    const box = chart.getBoundingClientRect(), share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const value = values[Math.min(values.length - 1, Math.floor(share * values.length))];
    const at = start + Math.floor(share * length / 1000), day = (at % 86400 + 86400) % 86400;
    const x = 100 * share + "%";
    line.setAttribute("visibility", "visible");
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    text.setAttribute("x", x);
    text.setAttribute("dx", share > 0.5 ? -6 : 6);
    text.setAttribute("text-anchor", share > 0.5 ? "end" : "start");
    text.textContent = two(Math.floor(day / 3600)) + ":" + two(Math.floor(day / 60) % 60) + ":" + two(day % 60) + "  " +
      (value ? value + " " + chart.dataset.unit : "–");
  }
  hide();
  chart.addEventListener("pointermove", show);
  chart.addEventListener("pointerdown", show);
  chart.addEventListener("pointerleave", hide);
});
