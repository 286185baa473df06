// form: keeps what is half filled in, in this tab alone, until it is sent or the tab is closed: the next who sits down at
// the machine finds nothing. And it stops a national identity number before it leaves the browser. The form works without it.
(function () {
  "use strict";
  var form = document.getElementById("form");
  if (!form) { // it was sent: nothing is kept any more
    try {
      sessionStorage.removeItem(sessionStorage.getItem("sent"));
      sessionStorage.removeItem("sent");
    } catch (error) { /* a private window */ }
    return;
  }
  var key = "form " + location.pathname;

  function fields() {
    return Array.prototype.filter.call(form.elements, function (e) {
      return e.name && e.type !== "hidden";
    });
  }

  function keep() {
    var kept = {};
    fields().forEach(function (e) {
      if (e.type !== "radio" || e.checked) {
        kept[e.name] = e.value;
      }
    });
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
    } catch (error) { /* a private window: then nothing is kept */ }
  }

  function restore() {
    var kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    fields().forEach(function (e) {
      if (!(e.name in kept)) {
        return;
      }
      if (e.type === "radio") {
        e.checked = e.checked || e.value === kept[e.name];
      } else if (e.value === "") {
        e.value = kept[e.name];
      }
    });
  }

  // The same as the server's: eleven digits, or six and five, perhaps in groups.
  function holdsNationalNumber(words) {
    return (words.match(/\d+(?:[ .-]\d+)*/g) || []).some(function (chain) {
      var groups = chain.split(/[ .-]/);
      return groups.some(function (first, from) {
        var digits = 0, parted = false;
        for (var to = from; to < groups.length && digits < 11; to++) {
          digits += groups[to].length;
          if (digits === 11) {
            return to === from || parted;
          }
          parted = parted || digits === 6;
        }
        return false;
      });
    });
  }

  function check(e) {
    e.setCustomValidity(holdsNationalNumber(e.value) ? form.dataset.nationalNumber : "");
  }

  try {
    restore();
  } catch (error) { /* what was kept cannot be read */ }
  form.addEventListener("input", function (event) {
    if (event.target.tagName === "TEXTAREA") {
      check(event.target);
    }
    keep();
  });
  fields().forEach(function (e) {
    if (e.tagName === "TEXTAREA") {
      check(e);
    }
  });
  form.addEventListener("submit", function () {
    try {
      sessionStorage.setItem("sent", key);
    } catch (error) { /* as above */ }
  });
}());
