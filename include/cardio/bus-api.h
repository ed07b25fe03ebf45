/* SPDX-License-Identifier: MIT */
#pragma once

/* The names of org.cardiod1 on D-Bus, as conf/org.cardiod1.xml describes them, and those of others we talk to. */

#define CARDIO_BUS_NAME          "org.cardiod1"
#define CARDIO_OBJECT            "/org/cardiod1"
#define CARDIO_SENSOR_PREFIX     "/org/cardiod1/sensor"
#define CARDIO_MANAGER_INTERFACE "org.cardiod1.Manager"
#define CARDIO_SENSOR_INTERFACE  "org.cardiod1.Sensor"
#define CARDIO_COACH_INTERFACE   "org.cardiod1.Coach"
#define CARDIO_GROUP             "cardiod"

#define CARDIO_ERROR_INVALID_ARGUMENT  "org.cardiod1.Error.InvalidArgument"
#define CARDIO_ERROR_NO_SUCH_SESSION   "org.cardiod1.Error.NoSuchSession"
#define CARDIO_ERROR_NOT_RECORDING     "org.cardiod1.Error.NotRecording"
#define CARDIO_ERROR_ALREADY_RECORDING "org.cardiod1.Error.AlreadyRecording"
#define CARDIO_ERROR_NO_SENSOR         "org.cardiod1.Error.NoSensor"
#define CARDIO_ERROR_NO_BLUETOOTH      "org.cardiod1.Error.NoBluetooth"
#define CARDIO_ERROR_CONNECT_FAILED    "org.cardiod1.Error.ConnectFailed"
#define CARDIO_ERROR_BLUEZ             "org.cardiod1.Error.Bluez"
#define CARDIO_ERROR_BUSY              "org.cardiod1.Error.Busy"
#define CARDIO_ERROR_NO_SUCH_ENTRY     "org.cardiod1.Error.NoSuchEntry"
#define CARDIO_ERROR_MOVING            "org.cardiod1.Error.Moving"
#define CARDIO_ERROR_LIMIT_REACHED     "org.cardiod1.Error.LimitReached"
#define CARDIO_ERROR_STORAGE           "org.cardiod1.Error.Storage"
#define CARDIO_ERROR_DELETION_PENDING  "org.cardiod1.Error.DeletionPending"
#define CARDIO_ERROR_CLOCK_NOT_SET     "org.cardiod1.Error.ClockNotSet"
#define CARDIO_ERROR_ALREADY_IMPORTED  "org.cardiod1.Error.AlreadyImported"
#define CARDIO_ERROR_OVERLAPS          "org.cardiod1.Error.Overlaps"
#define CARDIO_ERROR_CONFIGURATION     "org.cardiod1.Error.Configuration"

/* Manager.CeilingReason where neither the coach nor what the runner said is the reason. */
#define CARDIO_CEILING_BY_COMMAND "set by command"
#define CARDIO_CEILING_BY_WORKOUT "a workout's hard part"
#define CARDIO_CEILING_BY_CONFIG  "configuration"

/* What signal Trouble is about, and what its end is called. */
#define CARDIO_TROUBLE_STRAP_LOST  "strap-lost"
#define CARDIO_TROUBLE_STRAP_BACK  "strap-back"
#define CARDIO_TROUBLE_BATTERY     "battery" /* has no end */
#define CARDIO_TROUBLE_NOT_WRITING "not-writing"
#define CARDIO_TROUBLE_WRITING     "writing"

/* Manager.Bluetooth; "" = not known yet. */
#define CARDIO_BLUETOOTH_ON         "on"
#define CARDIO_BLUETOOTH_OFF        "off"
#define CARDIO_BLUETOOTH_NO_ADAPTER "no-adapter"
#define CARDIO_BLUETOOTH_NO_BLUEZ   "no-bluez"

/* On the session bus, while the desktop's notifier runs. It has no objects. */
#define CARDIO_NOTIFY_BUS_NAME "org.cardiod1.Notify"

/* How long an edit of a session can be taken back: a week. */
#define CARDIO_EDIT_KEPT_S INT64_C(604800)

/* PRAGMA application_id and user_version of the database. */
#define CARDIO_DATABASE_ID      0x63617264
#define CARDIO_DATABASE_VERSION 11

#define CARDIO_SYSTEM_CONFIG   "/etc/cardiod/cardiod.conf"
#define CARDIO_SYSTEM_DATABASE "/var/lib/cardiod/cardiod.db"
/* Below $XDG_CONFIG_HOME and $XDG_STATE_HOME. */
#define CARDIO_USER_CONFIG   "cardiod/cardiod.conf"
#define CARDIO_USER_DATABASE "cardiod/cardiod.db"

/* Sensor.BatteryPercentage while the strap has not reported it. */
#define CARDIO_BATTERY_UNKNOWN 255

/* Sensor.LinkLosses has so many at most. */
#define CARDIO_LINK_LOSSES_MAX 10

#define BLUEZ_BUS_NAME                 "org.bluez"
#define BLUEZ_ADAPTER_INTERFACE        "org.bluez.Adapter1"
#define BLUEZ_DEVICE_INTERFACE         "org.bluez.Device1"
#define BLUEZ_CHARACTERISTIC_INTERFACE "org.bluez.GattCharacteristic1"
#define BLUEZ_BATTERY_INTERFACE        "org.bluez.Battery1"
#define BLUEZ_GATT_MANAGER_INTERFACE   "org.bluez.GattManager1"
#define BLUEZ_GATT_PROFILE_INTERFACE   "org.bluez.GattProfile1"

#define UUID_HEART_RATE_SERVICE     "0000180d-0000-1000-8000-00805f9b34fb"
#define UUID_HEART_RATE_MEASUREMENT "00002a37-0000-1000-8000-00805f9b34fb"
#define UUID_BODY_SENSOR_LOCATION   "00002a38-0000-1000-8000-00805f9b34fb"

#define UUID_RUNNING_SPEED_SERVICE     "00001814-0000-1000-8000-00805f9b34fb"
#define UUID_RUNNING_SPEED_MEASUREMENT "00002a53-0000-1000-8000-00805f9b34fb"

#define UUID_FITNESS_MACHINE_SERVICE "00001826-0000-1000-8000-00805f9b34fb"
#define UUID_TREADMILL_DATA          "00002acd-0000-1000-8000-00805f9b34fb"
/* What a fitness machine has that is something else. */
#define UUID_CROSS_TRAINER_DATA "00002ace-0000-1000-8000-00805f9b34fb"
#define UUID_STEP_CLIMBER_DATA  "00002acf-0000-1000-8000-00805f9b34fb"
#define UUID_STAIR_CLIMBER_DATA "00002ad0-0000-1000-8000-00805f9b34fb"
#define UUID_ROWER_DATA         "00002ad1-0000-1000-8000-00805f9b34fb"
#define UUID_INDOOR_BIKE_DATA   "00002ad2-0000-1000-8000-00805f9b34fb"
