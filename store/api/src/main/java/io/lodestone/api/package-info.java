/**
 * The ground floor: small value types, the failures every module may report, and (generated beside
 * them) the etcd v3 protocol messages. Everything here is immutable and knows nothing of files,
 * networks or threads.
 */
package io.lodestone.api;
