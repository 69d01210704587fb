import { table } from "./table.js";
import { view } from "./view.js";

export default view((context) => table(context, context.view.rows, context.view.name));
