// count: how many have answered, anew every five seconds, from the page that shows it to all. Without it there are links.
(function () {
  "use strict";
  setInterval(function () {
    fetch(document.getElementById("count").dataset.from).then(function (answer) {
      return answer.text();
    }).then(function (source) {
      var fresh = new DOMParser().parseFromString(source, "text/html").getElementById("count");
      var shown = document.getElementById("count");
      if (fresh && shown && shown.textContent !== fresh.textContent) {
        shown.textContent = fresh.textContent;
      }
    }).catch(function () { /* the next one, then */ });
  }, 5000);
}());
