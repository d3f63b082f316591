/** ESPHome YAMLs as people write them, our own writing: none of them has anything wrong that these rules look for. */

const BOARDS: readonly (readonly [board: string, pins: readonly number[]])[] = [
  ["cb1s", [6, 7, 8]],
  ["cb2l", [6, 8, 24]],
  ["cb2s", [6, 8, 26]],
  ["cb3l", [14, 24, 26]],
  ["cb3s", [14, 20, 22]],
  ["cb3se", [15, 16, 17]],
  ["cblc5", [6, 24, 26]],
  ["cbu", [14, 15, 28]],
  ["generic-bk7231n-qfn32-tuya", [6, 7, 8]],
  ["generic-bk7231n-qfn32", [6, 7, 8]],
  ["generic-bk7231t-qfn32-tuya", [6, 7, 8]],
  ["generic-bk7238-tuya", [6, 7, 8]],
  ["generic-bk7238", [20, 24, 28]],
  ["generic-bk7252", [30, 35, 39]],
  ["lsc-lma35-t", [6, 14, 16]],
  ["lsc-lma35", [6, 14, 16]],
  ["t1-2s", [6, 8, 9]],
  ["t1-3s", [14, 15, 20]],
  ["t1-m", [24, 26]],
  ["t1-u", [17, 28]],
  ["wa2", [4, 18, 19]],
  ["wb1s", [6, 7, 8]],
  ["wb2l-m1", [6, 20, 22]],
  ["wb2l", [6, 7, 8]],
  ["wb2s", [9, 20]],
  ["wb3l", [14, 16]],
  ["wb3s", [14, 20]],
  ["wblc5", [6, 20]],
  ["xh-wb3s", [15, 16, 17]],
];

const forBoard = ([board, [first, second]]: (typeof BOARDS)[number], index: number): string => `
# ${board}, with things people do
esphome:
  name: device-${index}
  friendly_name: "Device ${index}"
  on_boot:
    then:
      - delay: 0s
      - logger.log: "12:30:45"

bk72xx:
  board: ${board}
  framework:
    version: ${index % 2 === 0 ? "recommended" : "1.13.0"}

logger:
  baud_rate: ${index % 3 === 0 ? 0 : 115200}
api:
  encryption:
    key: !secret api_key
ota:
  - platform: esphome
    password: "0123456789"
wifi:
  ssid: !secret wifi_ssid
  password: !secret wifi_password
  fast_connect: yes
switch:
  - platform: gpio
    name: Relay
    pin: P${first ?? 6}
    restore_mode: ALWAYS_OFF
binary_sensor:
  - platform: gpio
    name: Button
    pin:
      number: ${index % 2 === 0 ? `P${second ?? first ?? 6}` : `GPIO${second ?? first ?? 6}`}
      inverted: true
      mode:
        input: true
        pullup: yes
    filters:
      - delayed_on: 010ms
`;

const WRITTEN: readonly string[] = [
  // The seed case's own.
  `esphome:
  name: bulb
  platformio_options:
    board_build.bkcrypt_coeffs: "00000000000000000000000000000000"
    board_build.bkota.key: 0123456789ABCDEF0123456789ABCDEF
    board_build.bkota.iv: 0123456789ABCDEF
    board_flash.calibration: 0x1F3000+0x1000
bk72xx:
  board: generic-bk7231t-qfn32-tuya
`,
  `substitutions:
  name: lamp
  version: "1.10"
  level: 10
bk72xx:
  board: cb2s
esphome:
  name: \${name}
  project:
    name: acme.\${name}
    version: $version
`,
  `esphome: {name: flow, platformio_options: {board_upload.speed: 921600, upload_speed: "115200"}}
bk72xx: {board: wb3s}
`,
  `esphome:
  name: lists
  platformio_options:
    build_flags:
      - -DLT_LOG=1
      - "-O2"
    lib_ignore: [a, b]
    board_build.bkboot_version: 1.0.6-bk7231u
    board_build.mcu: bk7231u
    board_build.bkrbl_size_app: "0x108700"
bk72xx:
  board: generic-bk7231t-qfn32-tuya
`,
  `packages:
  base: !include common/base.yaml
  remote: github://acme/esphome/device.yaml@main
bk72xx:
  board: \${board}
`,
  `bk72xx:
  board: !secret board_name
  framework:
    options:
      LT_LOG_HEAP: "1"
      LT_USE_TIME: 1
`,
  `uart:
  id: mcu
  rx_pin: P23
  tx_pin: P24
  baud_rate: 9600
bk72xx:
  board: cbu
tuya:
`,
  `esp32:
  board: esp32dev
  framework:
    version: 1.10
esphome:
  name: other-chip
  platformio_options:
    board_build.f_cpu: 0x10
light:
  - platform: gpio
    pin: GPIO34
`,
  `bk72xx:
  board: my-own-board
  family: BK7231N
esphome:
  name: own
`,
  `bk72xx: &chip
  board: wb2l
  family: bk7231t
esphome:
  name: anchors
  platformio_options: &options
    board_build.bkcrypt_coeffs: 510FB093 A3CBEADC 5993A17E C7ADEB03
`,
  `bk72xx:
  board: CB2S
`,
  `esphome:
  name: moved
  platformio_options:
    custom_flash.app: 0x11000
    custom_fw_name: firmware
bk72xx:
  board: cb3s
`,
  `# only a comment\n`,
  `- a\n- list\n`,
  `bk72xx:\n`,
  `bk72xx:
  board: wb3s
sensor:
  - platform: adc
    pin: ADC3
  - platform: pulse_counter
    pin: D3
remote_transmitter:
  pin: PWM0
script:
  - id: x
    then:
      - lambda: |-
          int pin = 99; // P99
          number: 77
`,
  `homeassistant:
  name: "12:30"
automation:
  - trigger:
      platform: time
      at: 12:30:45
`,
  `bk72xx:
  board: cb2s
display:
  - platform: tm1637
    clk_pin: P24
    dio_pin: P26
    number: 77
`,
  `substitutions:
  device_pin: P26
  list: [a, b]
  nested:
    a: 017
bk72xx:
  board: cb2s
switch:
  - platform: gpio
    pin: $device_pin
`,
  `bk72xx:
  board: cb2s
  framework:
    loglevel: warn
    debug: [none, wifi]
    sdk_silent: all
    uart_port: 1
    gpio_recover: false
esphome:
  name: x
  platformio_options:
    board_build.bkcrypt_coeffs: 08765432109876543210987654321098
`,
  `bk72xx:
  board: cb2s
esphome:
  name: x
  platformio_options:
    board_flash.kvs: 0x1D3000+0x8000
    board_flash.userdata: 0x1DB000+0x25000
`,
  `bk72xx:
  board: wb3s
esphome:
  name: crlf\r
  platformio_options:\r
    board_upload.speed: "460800"\r
`,
];

export const GOOD_YAMLS: readonly string[] = [...BOARDS.map(forBoard), ...WRITTEN];
