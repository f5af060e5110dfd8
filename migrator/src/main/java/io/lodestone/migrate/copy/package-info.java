/**
 * A lasting copy of a range of keys in a cluster that has other data as well: values, not
 * revisions. What was copied is remembered in the destination itself, by the transactions that
 * copy.
 */
package io.lodestone.migrate.copy;
