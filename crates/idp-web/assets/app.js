// Comforts only: every page works without this file. Written for old browsers on purpose.
(function () {
  "use strict";

  // Show or hide what is typed in a password field.
  function peek(button) {
    var input = document.getElementById(button.getAttribute("data-peek"));
    if (!input) { return; }
    button.hidden = false;
    button.onclick = function () {
      var show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", show ? "true" : "false");
      input.focus();
    };
    if (input.form) {
      // So that the browser remembers it as a password.
      input.form.addEventListener("submit", function () { input.type = "password"; });
    }
  }

  // Count down until another code may be asked for.
  function wait(button) {
    var left = Number(button.getAttribute("data-wait"));
    var words = button.textContent;
    var first = String(left);
    button.disabled = true;
    var timer = setInterval(function () {
      left -= 1;
      if (left > 0) {
        button.textContent = words.replace(first, String(left));
      } else {
        clearInterval(timer);
        button.disabled = false;
        button.textContent = button.getAttribute("data-ready");
      }
    }, 1000);
  }

  // Say that something is going on, and keep a second press from sending the form twice.
  function busy(form) {
    var status = form.querySelector(".busy");
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      if (status) { status.textContent = form.getAttribute("data-busy"); }
    });
    window.addEventListener("pageshow", function () {
      sent = false;
      if (status) { status.textContent = ""; }
    });
  }

  function each(selector, what) {
    var found = document.querySelectorAll(selector);
    for (var i = 0; i < found.length; i += 1) { what(found[i]); }
  }

  each("[data-peek]", peek);
  each("[data-wait]", wait);
  each("[data-busy]", busy);

  var summary = document.getElementById("error-summary");
  if (summary) { summary.focus(); }

  // Signed out: go back to the service once the others have heard of it, or when one does not answer.
  function follow(link) {
    var frames = document.querySelectorAll("iframe");
    var open = frames.length;
    var gone = false;
    function go() {
      if (!gone) { gone = true; window.location.assign(link.href); }
    }
    function heard() {
      open -= 1;
      if (open === 0) { go(); }
    }
    for (var i = 0; i < frames.length; i += 1) { frames[i].addEventListener("load", heard); }
    window.setTimeout(go, 4000);
  }
  each("[data-follow]", follow);

  // OAuth 2.0 Form Post Response Mode.
  var answer = document.querySelector("form[data-send]");
  if (answer) { answer.submit(); }
}());
