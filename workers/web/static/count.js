// count: how many have answered, anew every five seconds. Without it there is a link.
(function () {
  "use strict";
  setInterval(function () {
    fetch(location.href).then(function (answer) {
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
