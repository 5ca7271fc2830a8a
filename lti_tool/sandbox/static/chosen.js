// The picker ran in a frame or in a window of its own: the course page behind it goes on, not this one.
(() => {
  const target = document.getElementById("onward").href;
  if (window.parent !== window) {
    window.top.location = target;
  } else if (window.opener) {
    window.opener.location = target;
    window.close();
  } else {
    window.location = target;
  }
})();
