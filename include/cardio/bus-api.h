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
#define CARDIO_ERROR_CONFIGURATION     "org.cardiod1.Error.Configuration"

/* Manager.CeilingReason where neither the coach nor what the runner said is the reason. */
#define CARDIO_CEILING_BY_COMMAND "set by command"
#define CARDIO_CEILING_BY_WORKOUT "a workout's hard part"
#define CARDIO_CEILING_BY_CONFIG  "configuration"

/* What signal Trouble is about, and what its end is called. */
#define CARDIO_TROUBLE_NOT_WRITING "not-writing"
#define CARDIO_TROUBLE_WRITING     "writing"

/* Manager.Bluetooth; "" = not known yet. */
#define CARDIO_BLUETOOTH_ON         "on"
#define CARDIO_BLUETOOTH_OFF        "off"
#define CARDIO_BLUETOOTH_NO_ADAPTER "no-adapter"
#define CARDIO_BLUETOOTH_NO_BLUEZ   "no-bluez"

/* On the session bus, while the desktop's notifier runs. It has no objects. */
#define CARDIO_NOTIFY_BUS_NAME "org.cardiod1.Notify"

/* PRAGMA application_id and user_version of the database. */
#define CARDIO_DATABASE_ID      0x63617264
#define CARDIO_DATABASE_VERSION 6

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
