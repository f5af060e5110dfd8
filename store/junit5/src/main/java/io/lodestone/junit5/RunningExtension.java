package io.lodestone.junit5;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs something for all tests of a class, which may have it as a parameter.
 *
 * @param <T> what runs
 */
abstract class RunningExtension<T extends AutoCloseable>
    implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private final Class<T> type;
  private Optional<T> running = Optional.empty();

  RunningExtension(Class<T> type) {
    this.type = type;
  }

  abstract T start() throws IOException;

  final T running() {
    return running.orElseThrow(
        () ->
            new IllegalStateException(
                "it runs while tests of a class run; is the extension's field static?"));
  }

  @Override
  public final void beforeAll(ExtensionContext context) throws IOException {
    if (running.isEmpty()) {
      running = Optional.of(start());
    }
  }

  @Override
  public final void afterAll(ExtensionContext context) throws Exception {
    if (running.isPresent()) {
      T ended = running.get();
      running = Optional.empty();
      ended.close();
    }
  }

  @Override
  public final boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == type;
  }

  @Override
  public final Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running();
  }
}
