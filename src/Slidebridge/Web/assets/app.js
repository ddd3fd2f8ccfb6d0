// What every page does: times stay current, live parts are fetched again when something has changed, actions ask first.
import { startTimes } from "./times.js";
import { startLive } from "./live.js";
import { startTables } from "./tables.js";
import { startLogs } from "./log.js";
import { startActions } from "./actions.js";

startTimes();
startLive();
startActions();
startLogs();
startTables();
