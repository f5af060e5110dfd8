/**
 * How a store is told what to do: etcd's own flags, {@code ETCD_*} variables and config file. Start
 * reading at {@link io.lodestone.server.config.Flags}, where each flag is defined once; {@link
 * io.lodestone.server.config.StoreConfig} is what the rest of the server sees. Everything here is
 * immutable, and runs once, before anything is started.
 */
package io.lodestone.server.config;
