// Passkeys: asks the browser, and sends its answer with an ordinary form. Where a browser cannot, the forms stay hidden,
// and the page is as it is without this file. Written for old browsers on purpose.
(function () {
  "use strict";

  var credentials = navigator.credentials;
  if (!window.PublicKeyCredential || !credentials || !credentials.get || !window.fetch || !window.Promise) { return; }

  // At once, before anything is drawn: what is shown later would push away what is being read.
  document.documentElement.className += " has-passkeys";

  function bytes(text) {
    var plain = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    var array = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i += 1) { array[i] = plain.charCodeAt(i); }
    return array;
  }

  function text(buffer) {
    var array = new Uint8Array(buffer);
    var plain = "";
    for (var i = 0; i < array.length; i += 1) { plain += String.fromCharCode(array[i]); }
    return window.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // The options as the browser wants them: bytes where JSON has text.
  function options(found) {
    var asked = found.publicKey;
    asked.challenge = bytes(asked.challenge);
    if (asked.user) { asked.user.id = bytes(asked.user.id); }
    ["allowCredentials", "excludeCredentials"].forEach(function (list) {
      (asked[list] || []).forEach(function (known) { known.id = bytes(known.id); });
    });
    return asked;
  }

  function answer(credential) {
    var said = credential.response;
    var response = { clientDataJSON: text(said.clientDataJSON) };
    if (said.attestationObject) {
      response.attestationObject = text(said.attestationObject);
    } else {
      response.authenticatorData = text(said.authenticatorData);
      response.signature = text(said.signature);
      response.userHandle = said.userHandle ? text(said.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response
    });
  }

  function ask(form) {
    var body = "csrf=" + encodeURIComponent(form.elements.csrf.value);
    ["own", "half"].forEach(function (name) {
      var field = form.elements[name];
      if (field) { body += "&" + name + "=" + encodeURIComponent(field.value); }
    });
    return window.fetch(form.getAttribute("data-options"), {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: body
    }).then(function (response) {
      if (!response.ok) { throw new Error("refused"); }
      return response.json();
    }).then(options);
  }

  function offer(form) {
    var status = form.querySelector(".passkey-status");
    var button = form.querySelector("button");
    var beside = null;

    function say(word) { status.textContent = word ? form.getAttribute("data-say-" + word) : ""; }

    function send(credential) {
      form.elements.answer.value = answer(credential);
      form.submit();
    }

    function failed(error) {
      button.disabled = false;
      if (error.name === "InvalidStateError") { say("there"); }
      else if (error.name === "NotAllowedError" || error.name === "AbortError") { say("cancelled"); }
      else { say("trouble"); }
    }

    // In a window of the browser's own, when the button is pressed.
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (button.disabled) { return; }
      if (form.reportValidity && !form.reportValidity()) { return; }
      button.disabled = true;
      say("wait");
      if (beside) { beside.abort(); beside = null; }
      ask(form).then(function (asked) {
        var create = form.getAttribute("data-passkey") === "create";
        return create ? credentials.create({ publicKey: asked }) : credentials.get({ publicKey: asked });
      }).then(send).catch(failed);
    });
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) { button.disabled = false; say(""); }
    });

    // Beside the field for the address, without a button (conditional mediation). A question waits five minutes, so it is
    // asked anew before, for as long as somebody may still be looking.
    function besideTheField(turns) {
      if (!turns || button.disabled) { return; }
      ask(form).then(function (asked) {
        if (button.disabled) { return; }
        var mine = new AbortController();
        beside = mine;
        window.setTimeout(function () {
          if (beside === mine) { mine.abort(); besideTheField(turns - 1); }
        }, 270000);
        credentials.get({ publicKey: asked, mediation: "conditional", signal: mine.signal }).then(send).catch(function () {});
      }).catch(function () {});
    }

    var able = window.PublicKeyCredential.isConditionalMediationAvailable;
    if (form.hasAttribute("data-beside") && able && window.AbortController) {
      able.call(window.PublicKeyCredential).then(function (yes) { if (yes) { besideTheField(12); } }).catch(function () {});
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    var forms = document.querySelectorAll("form[data-passkey]");
    for (var i = 0; i < forms.length; i += 1) { offer(forms[i]); }

    // Lets the keeper of passkeys forget those that were removed here.
    var list = document.getElementById("passkeys");
    if (list && window.PublicKeyCredential.signalAllAcceptedCredentials) {
      window.PublicKeyCredential.signalAllAcceptedCredentials({
        rpId: window.location.hostname,
        userId: list.getAttribute("data-owner"),
        allAcceptedCredentialIds: list.getAttribute("data-passkeys").split(" ").filter(Boolean)
      }).catch(function () {});
    }
  });
}());
