/**
 * An etcd v3 server over the engine. {@link io.lodestone.server.StoreServer} is the parts list:
 * which service stands on what. {@link io.lodestone.server.EmbeddedStore} is the same server inside
 * another program.
 */
package io.lodestone.server;
