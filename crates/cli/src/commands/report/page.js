(function () {
  "use strict";
  var table = document.getElementById("table");
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var filter = document.getElementById("filter");
  var low = document.getElementById("low");
  var shown = document.getElementById("shown");
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);

  function show() {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      var fits = words.every(function (word) { return text.indexOf(word) >= 0; });
      row.hidden = !fits || (low.checked && !row.classList.contains("low"));
      if (!row.hidden) { count += 1; }
    });
    shown.textContent = count + " of " + rows.length;
  }

  // A missing number comes last in both directions.
  function compare(left, right, column, isNumber, sign) {
    var a = left.cells[column], b = right.cells[column];
    if (!isNumber) { return sign * a.textContent.localeCompare(b.textContent); }
    var x = a.dataset.value, y = b.dataset.value;
    if (x === "" || y === "") { return (x === "") - (y === ""); }
    return sign * (Number(x) - Number(y));
  }

  heads.forEach(function (head, column) {
    head.firstElementChild.addEventListener("click", function () {
      var ascending = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      var isNumber = head.classList.contains("number");
      rows.sort(function (left, right) {
        return compare(left, right, column, isNumber, ascending ? 1 : -1);
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
  filter.addEventListener("input", show);
  low.addEventListener("change", show);
  show();
})();
