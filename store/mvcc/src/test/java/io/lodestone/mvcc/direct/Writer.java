package io.lodestone.mvcc.direct;

import static io.lodestone.mvcc.Requests.compact;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.request;

import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * A process of its own that writes until it is killed, many puts in flight, and prints the number
 * of each put once it is acknowledged. Put n writes its number to key n modulo 500.
 */
final class Writer {
  static final int KEYS = 500;
  private static final int IN_FLIGHT = 200;

  private Writer() {}

  public static void main(String[] arguments) throws Exception {
    int next = Integer.parseInt(arguments[1]);
    try (Engine engine = Engine.open(Path.of(arguments[0]), EngineOptions.DEFAULT);
        DirectLog log = new DirectLog(engine)) {
      log.start();
      Semaphore slots = new Semaphore(IN_FLIGHT);
      while (true) {
        slots.acquire();
        int number = next++;
        CompletableFuture<Void> unused =
            log.propose(request(put("key" + number % KEYS, "" + number)))
                .thenAccept(
                    applied -> {
                      System.out.println(number);
                      slots.release();
                    });
        if (number % 1000 == 999) {
          CompletableFuture<?> unusedToo = log.propose(compact(engine.revision() - 100));
        }
      }
    }
  }
}
