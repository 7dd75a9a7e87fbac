import { bootstrapApplication } from '@angular/platform-browser';
import { provideSocketIo } from 'ngx-socket-io';
import { Queue } from './app/queue';

// No address: the server that the page came from. While developing, that is `ng serve`, which hands /socket.io on (proxy.conf.json).
bootstrapApplication(Queue, { providers: [provideSocketIo({ url: '', options: {} })] }).catch((error) => console.error(error));
