/** Where the built command line begins. */
import { main } from "./main";

void main(process.argv);
