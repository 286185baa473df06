/*
 * instance: who this installation is, and its keys; all of it outside the store (design, promises 7
 * and 8). Files in the state directory, each a line of hexadecimal digits: `instance`, `link.key`,
 * `master.key`, `broker.key`. The identity is a hash of the file's random number, of the file
 * itself (its inode and birth) and of the machine (/etc/machine-id, and RUNTIME/machine, where the
 * service manager copies the firmware's id): a copy of the directory, on this machine or another,
 * is another instance. The store keeps the identity it was released for, and sends mail for no
 * other. Back master.key up apart from the store.
 */
#pragma once

#include "common/text.h"

#define INSTANCE_KEY_SIZE 32

struct instance;

/* NULL (logged): there is no instance yet (padriver instance create), or it cannot be read. */
struct instance *instance_open(const char *state_directory, const char *runtime_directory);

/* Wipes the keys from memory. */
void instance_close(struct instance **instance);

/* The identity: 32 hexadecimal digits, NUL behind them. Lives as long as the instance. */
struct text instance_id(const struct instance *instance);

/*
 * The HMAC key of links: INSTANCE_KEY_SIZE bytes, read from $CREDENTIALS_DIRECTORY or else the
 * state directory at the first call. NULL (logged): missing, damaged or not ours to read.
 */
const unsigned char *instance_link_key(struct instance *instance);

/* The same for the evaluations' master key, which the evaluation daemon alone may read. */
const unsigned char *instance_master_key(struct instance *instance);

/* The broker's CURVE secret key, 32 bytes, found as these are. False: logged. */
bool instance_broker_key(const char *state_directory, unsigned char key[INSTANCE_KEY_SIZE]);

/* Makes what is missing of the files: the keys for the owner alone, the identity for its group
 * too. False: logged. */
bool instance_create(const char *state_directory);
