// The form of a client application: says at once what is wrong with what was just typed. Without this file it is said when
// the form is sent. Written for old browsers on purpose.
(function () {
  "use strict";

  var form = document.querySelector("form[data-check]");
  var sample = document.getElementById("fault-sample");
  if (!form || !sample || !window.fetch || !window.Promise) { return; }

  // What was typed by now; a fault of what nobody has come to yet is not told.
  var touched = {};
  var asked = 0;

  function typed() {
    var pairs = [];
    for (var i = 0; i < form.elements.length; i += 1) {
      var field = form.elements[i];
      var off = (field.type === "checkbox" || field.type === "radio") && !field.checked;
      if (field.name && field.type !== "file" && !off) {
        pairs.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
      }
    }
    return pairs.join("&");
  }

  function tell(name, text) {
    var input = document.getElementById(name);
    var old = document.getElementById(name + "-error");
    var hint = document.getElementById(name + "-hint");
    if (!input) { return; }
    if (old) { old.parentNode.removeChild(old); }
    var box = input.parentNode;
    box.className = box.className.replace(/ wrong\b/g, "") + (text ? " wrong" : "");
    if (text) {
      var fault = sample.cloneNode(true);
      fault.id = name + "-error";
      fault.querySelector("span").textContent = text;
      fault.hidden = false;
      fault.setAttribute("role", "alert");
      box.insertBefore(fault, input);
      input.setAttribute("aria-invalid", "true");
    } else {
      input.removeAttribute("aria-invalid");
    }
    var about = (text ? [name + "-error"] : []).concat(hint ? [hint.id] : []).join(" ");
    if (about) { input.setAttribute("aria-describedby", about); } else { input.removeAttribute("aria-describedby"); }
  }

  form.addEventListener("change", function (event) {
    var name = event.target.name;
    if (event.target.tagName !== "TEXTAREA" && event.target.type !== "url" && event.target.type !== "email") { return; }
    touched[name] = true;
    asked += 1;
    var turn = asked;
    window.fetch(form.getAttribute("data-check"), {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: typed()
    }).then(function (response) {
      if (!response.ok) { throw new Error("refused"); }
      return response.json();
    }).then(function (faults) {
      // An older answer that comes later says nothing any more.
      if (turn !== asked) { return; }
      for (var field in touched) {
        if (Object.prototype.hasOwnProperty.call(touched, field)) { tell(field, faults[field] || ""); }
      }
    }).catch(function () { /* It is said when the form is sent. */ });
  });
}());
