// Proof of work: finds the number that the form is asked for, so that nobody has to wait. Written for old browsers on
// purpose; SHA-256 is here because the browser's own is not made for many small messages.
(function () {
  "use strict";

  var K = [];
  var H = [];
  (function () {
    // The first bits of the fractional parts of roots of primes (FIPS 180-4 §4.2.2, §5.3.3).
    function fraction(number) { return ((number - Math.floor(number)) * 4294967296) | 0; }
    var prime = 2;
    while (K.length < 64) {
      var isPrime = true;
      for (var factor = 2; factor * factor <= prime; factor += 1) { if (prime % factor === 0) { isPrime = false; } }
      if (isPrime) {
        if (H.length < 8) { H.push(fraction(Math.pow(prime, 1 / 2))); }
        K.push(fraction(Math.pow(prime, 1 / 3)));
      }
      prime += 1;
    }
  }());

  function rotate(x, n) { return (x >>> n) | (x << (32 - n)); }

  // Two words of the hash of a short ASCII text are enough: nobody asks for more than 64 bits.
  function hash(text) {
    var length = text.length;
    var blocks = ((length + 8) >> 6) + 1;
    var words = [];
    var i;
    for (i = 0; i < blocks * 16; i += 1) { words[i] = 0; }
    for (i = 0; i < length; i += 1) { words[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8); }
    words[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
    words[blocks * 16 - 1] = length * 8;
    var state = H.slice();
    var w = [];
    for (var block = 0; block < blocks; block += 1) {
      var a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
      for (i = 0; i < 64; i += 1) {
        if (i < 16) {
          w[i] = words[block * 16 + i];
        } else {
          var x = w[i - 15], y = w[i - 2];
          w[i] = ((rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)) + w[i - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + w[i - 16]) | 0;
        }
        var t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        var t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] = (state[0] + a) | 0; state[1] = (state[1] + b) | 0; state[2] = (state[2] + c) | 0; state[3] = (state[3] + d) | 0;
      state[4] = (state[4] + e) | 0; state[5] = (state[5] + f) | 0; state[6] = (state[6] + g) | 0; state[7] = (state[7] + h) | 0;
    }
    return state;
  }

  function zeros(state) {
    var count = 0;
    for (var word = 0; word < 2; word += 1) {
      for (var bit = 31; bit >= 0; bit -= 1) {
        if ((state[word] >>> bit) & 1) { return count; }
        count += 1;
      }
    }
    return count;
  }

  var box = document.getElementById("work");
  if (!box) { return; }
  var form = box;
  while (form && form.tagName !== "FORM") { form = form.parentNode; }
  if (!form) { return; }
  var task = form.elements.work_task.value;
  var bits = Number(box.getAttribute("data-bits"));
  var words = box.querySelector("p");
  var next = 0;
  var found = false;
  var wanted = null;

  words.textContent = box.getAttribute("data-say-busy");

  // Whoever is quicker than the computer is sent on when it is done.
  form.addEventListener("submit", function (event) {
    if (found) { return; }
    event.preventDefault();
    wanted = true;
  });

  function some() {
    var until = Date.now() + 40;
    while (Date.now() < until) {
      for (var i = 0; i < 200; i += 1) {
        if (zeros(hash(task + ":" + next)) >= bits) {
          found = true;
          form.elements.work_answer.value = String(next);
          words.textContent = box.getAttribute("data-say-ready");
          if (wanted) { form.submit(); }
          return;
        }
        next += 1;
      }
    }
    window.setTimeout(some, 0);
  }
  some();
}());
