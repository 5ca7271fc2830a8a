// Everything pages may use; each script waits for its own data- attributes. See docs/developer/components.md.
import "./confirm.js";
import "./copy.js";
