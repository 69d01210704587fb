import { connection } from "./form.js";
import { view } from "./view.js";

export default view(connection, { own: true });
