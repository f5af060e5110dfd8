package io.lodestone.server.http;

import io.netty.buffer.ByteBuf;

/** One request being read and answered. Confined to its connection's event loop. */
interface Exchange {
  /** A piece of the request's body; the caller releases it. */
  void body(ByteBuf piece);

  /** The request is complete. */
  void end();

  /** What follows of the body is no HTTP. */
  default void unreadable() {}

  /** The connection takes more bytes now. */
  default void writable() {}

  /** The connection is gone. */
  default void gone() {}
}
