package io.lodestone.server.http;

import java.util.concurrent.CompletableFuture;

/** Answers one path. Thread-safe; never blocks. */
@FunctionalInterface
public interface Page {
  CompletableFuture<Reply> answer(PageRequest request);
}
