package io.lodestone.junit5;

import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

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
public final class StoreExtension
    implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private final String[] flags;
  private Optional<EmbeddedStore> store = Optional.empty();

  /** A store as etcd is without flags. */
  public StoreExtension() {
    this(new String[0]);
  }

  private StoreExtension(String[] flags) {
    this.flags = flags;
  }

  /** A store with flags of etcd, for example {@code --quota-backend-bytes=1000000}. */
  public static StoreExtension withFlags(String... flags) {
    return new StoreExtension(flags.clone());
  }

  /** The running store. */
  public EmbeddedStore store() {
    return store.orElseThrow(
        () ->
            new IllegalStateException(
                "the store runs while tests of a class run; is the extension's field static?"));
  }

  /** Where clients connect, for example {@code http://127.0.0.1:34567}. */
  public String endpoint() {
    return store().endpoint();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    if (store.isEmpty()) {
      store = Optional.of(EmbeddedStore.builder().flags(flags).start());
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (store.isPresent()) {
      EmbeddedStore running = store.get();
      store = Optional.empty();
      running.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmbeddedStore.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return store();
  }
}
