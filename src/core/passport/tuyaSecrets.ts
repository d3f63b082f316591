/**
 * Which of Tuya's settings may be shown. What is not named here is a person's or a device's own and becomes a {@link Secret}: a field
 * of a name not in the tables is hidden, not shown.
 */
import { Secret } from "./secret";
import { isPlainObject, PIN_TEXT_KEY, type Plain } from "./tuyaValues";

/** What settings look like to whoever shows them. */
export type Shown = string | number | boolean | null | Secret | readonly Shown[] | { readonly [name: string]: Shown };

/** Fields that are the same on every device of a model, or counts. */
const OPEN_FIELDS: Readonly<Record<string, RegExp>> = {
  gw_di: /^(?:abi|swv|bv|pv|lpv|pk|firmk|cadv|cdv|dev_swv|s_id|dtp|sync|attr_num|mst_(?:tp|ver)_\d)$/,
  gw_bi: /^prod_test$/,
  gw_wsm: /^(?:nc_tp|md|wfb64|stat|dns_prio|is_psk30_cfg)$/,
  gw_ai: /^(?:dy_tls_m|cloud_cap)$/,
};

/** Values that are the same on every device of a model, counts, or times. */
const OPEN_KEYS =
  /^(?:em_sys_env|baud_cfg|uart_adapt_params|is_stride|tls_ca_cnt|wf_start_md|mf_test_close|voice_ctrl_enc|timer_arr|timer_full_key|astro_timer|fsw_cnt_key|moniter_time_save|trace_time_save|kv\.meta\.report|localkey\.meta\.syn|mcast\.meta\.syn)$/;

/** Names that make a value secret wherever it stands; `key` only where it is not a button's. */
const TELLING =
  /ssid|passw|passwd|pwsd|pwd|psk|pmk|secret|token|auth|uuid|mac$|bssid|account|mail|latitude|longitude|(?:^|[_-])(?:id|iv|seed)$|(?:local|lc|sec|api|enc|aes|reg|beacon)_?key/i;
/** In pin texts values are short words and numbers; anything longer is no pin. */
const LONGEST_WORD = 24;

/** @param value of the entry `key`, as it was parsed */
export function hideSecrets(key: string, value: Plain, schemaId: string | undefined): Shown {
  if (key === PIN_TEXT_KEY) return hideInPins(value, "");
  if (OPEN_KEYS.test(key) || (key === schemaId && isSchema(value))) return hideNamed(value, "");
  const open = OPEN_FIELDS[key];
  if (open === undefined || !isPlainObject(value)) return hideAll(value);
  return mapObject(value, (name, field) => (open.test(name) ? hideNamed(field, name) : hideAll(field)));
}

/** Datapoints: a list of objects with an id and a mode. */
export function isSchema(value: Plain): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((point) => isPlainObject(point) && "mode" in point);
}

function mapObject(
  value: { readonly [name: string]: Plain },
  shown: (name: string, field: Plain) => Shown,
): { readonly [name: string]: Shown } {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shown(name, field)]));
}

/** Whether something is set stays visible, what it is does not. */
function hideAll(value: Plain): Shown {
  if (value === null || value === "" || typeof value === "boolean") return value;
  if (typeof value !== "object") return new Secret(value);
  if (Array.isArray(value)) return (value as readonly Plain[]).map(hideAll);
  return mapObject(value as { readonly [name: string]: Plain }, (_, field) => hideAll(field));
}

function hideNamed(value: Plain, name: string): Shown {
  if (typeof value !== "object" || value === null)
    return value !== null && typeof value !== "boolean" && TELLING.test(name) && !/^s_id$/.test(name)
      ? new Secret(value)
      : value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map((item) => hideNamed(item, name));
  return mapObject(value as { readonly [name: string]: Plain }, (inner, field) => hideNamed(field, inner));
}

function hideInPins(value: Plain, name: string): Shown {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "string") return value.length > LONGEST_WORD || TELLING.test(name) ? new Secret(value) : value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map((item) => hideInPins(item, name));
  return mapObject(value as { readonly [name: string]: Plain }, (inner, field) => hideInPins(field, inner));
}

/** The same with every secret as it is; called only where a person asked to see them. */
export function revealAll(value: Shown): Plain {
  if (value instanceof Secret) return value.reveal();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Shown[]).map(revealAll);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revealAll(field)]));
}
