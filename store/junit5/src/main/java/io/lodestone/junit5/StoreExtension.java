package io.lodestone.junit5;

import io.lodestone.server.EmbeddedStore;
import java.io.IOException;

/**
 * Runs one store for all tests of a class; it begins empty and leaves nothing behind. Confined to
 * the thread of the tests.
 *
 * <pre>{@code
 * @ExtendWith(StoreExtension.class)
 * final class MyTest {
 *   @Test
 *   void writes(EmbeddedStore store) {
 *     Client client = Client.builder().endpoints(store.endpoint()).build();
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>With flags of etcd: {@code @RegisterExtension static final StoreExtension STORE =
 * StoreExtension.withFlags("--max-txn-ops=1000");}, and then {@code STORE.endpoint()}.
 */
public final class StoreExtension extends RunningExtension<EmbeddedStore> {
  private final String[] flags;

  /** A store as etcd is without flags. */
  public StoreExtension() {
    this(new String[0]);
  }

  private StoreExtension(String[] flags) {
    super(EmbeddedStore.class);
    this.flags = flags;
  }

  /** A store with flags of etcd, for example {@code --quota-backend-bytes=1000000}. */
  public static StoreExtension withFlags(String... flags) {
    return new StoreExtension(flags.clone());
  }

  @Override
  EmbeddedStore start() throws IOException {
    return EmbeddedStore.builder().flags(flags).start();
  }

  /** The running store. */
  public EmbeddedStore store() {
    return running();
  }

  /** Where clients connect, for example {@code http://127.0.0.1:34567}. */
  public String endpoint() {
    return store().endpoint();
  }
}
