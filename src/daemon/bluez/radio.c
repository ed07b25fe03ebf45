/* SPDX-License-Identifier: MIT */
/* Whether anything can be reached by Bluetooth at all. No clock. */

#include "bluez/radio.h"

#include "bluez/internal.h"
#include "cardio/bus-api.h"

const char *bluez_radio(const Bluez *b)
{
        if (!b->owner.owner)
                return b->owner.known ? CARDIO_BLUETOOTH_NO_BLUEZ : "";
        if (!b->snapshot_done)
                return "";
        if (b->n_adapters == 0)
                return CARDIO_BLUETOOTH_NO_ADAPTER;
        for (size_t i = 0; i < b->n_adapters; i++)
                if (b->adapters[i]->powered)
                        return CARDIO_BLUETOOTH_ON;
        return CARDIO_BLUETOOTH_OFF;
}

const char *bluez_obstacle(const Bluez *b)
{
        if (!b->owner.owner)
                return b->owner.known ? "BlueZ, the Bluetooth service, is not running; "
                                        "start it with `systemctl start bluetooth`"
                                      : NULL;
        if (!b->snapshot_done)
                return NULL;
        if (b->n_adapters == 0)
                return "There is no Bluetooth adapter; plug one in, or see `rfkill list`";
        for (size_t i = 0; i < b->n_adapters; i++)
                if (b->adapters[i]->powered)
                        return NULL;
        return "Bluetooth is switched off; switch it on with `bluetoothctl power on`, or first "
               "`rfkill unblock bluetooth`";
}
