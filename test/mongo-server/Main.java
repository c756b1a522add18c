import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Serves the MongoDB protocol from memory at the port given, on 127.0.0.1 or the address given, until it is killed. */
public final class Main {
  /** The driver asks for wire version 9 at least, above the newest that the library names itself. */
  private enum Version implements MongoVersion {
    DRIVER_7;

    @Override
    public List<Integer> getVersionArray() {
      return List.of(7, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 21;
    }
  }

  public static void main(String[] arguments) {
    MemoryBackend backend = new MemoryBackend();
    backend.version(Version.DRIVER_7);
    String address = arguments.length > 1 ? arguments[1] : "127.0.0.1";
    new MongoServer(backend).bind(address, Integer.parseInt(arguments[0]));
    System.out.println("listening");
  }
}
