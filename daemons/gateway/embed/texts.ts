/**
 * What a form says, by language: required; not valid; no name, e-mail or phone; received; kept for
 * later; refused. English stands in the script itself; a page of another language fetches these.
 */
export const TEXTS: Readonly<
  Record<string, readonly [string, string, string, string, string, string]>
> = {
  de: [
    'Bitte füllen Sie dieses Feld aus.',
    'Bitte prüfen Sie diese Angabe.',
    'Bitte geben Sie Name, E-Mail oder Telefonnummer an.',
    'Danke! Ihre Nachricht ist angekommen.',
    'Keine Verbindung: Ihre Nachricht ist gespeichert und wird bald gesendet.',
    'Das konnte nicht gesendet werden. Bitte versuchen Sie es später noch einmal.',
  ],
  fr: [
    'Veuillez remplir ce champ.',
    'Veuillez vérifier ce champ.',
    'Indiquez un nom, une adresse e-mail ou un numéro de téléphone.',
    'Merci ! Nous avons bien reçu votre message.',
    'Pas de connexion : votre message est conservé et sera bientôt envoyé.',
    'L’envoi a échoué. Veuillez réessayer plus tard.',
  ],
  es: [
    'Rellene este campo.',
    'Revise este campo.',
    'Indique un nombre, un correo electrónico o un teléfono.',
    '¡Gracias! Hemos recibido su mensaje.',
    'Sin conexión: su mensaje está guardado y se enviará pronto.',
    'No se ha podido enviar. Inténtelo de nuevo más tarde.',
  ],
  it: [
    'Compili questo campo.',
    'Controlli questo campo.',
    'Indichi un nome, un indirizzo e-mail o un numero di telefono.',
    'Grazie! Abbiamo ricevuto il Suo messaggio.',
    'Nessuna connessione: il messaggio è conservato e sarà inviato presto.',
    'Invio non riuscito. Riprovi più tardi.',
  ],
  pt: [
    'Preencha este campo.',
    'Verifique este campo.',
    'Indique um nome, um e-mail ou um telefone.',
    'Obrigado! Recebemos a sua mensagem.',
    'Sem conexão: a sua mensagem está guardada e será enviada em breve.',
    'Não foi possível enviar. Tente novamente mais tarde.',
  ],
  hi: [
    'कृपया यह फ़ील्ड भरें।',
    'कृपया इसे जाँच लें।',
    'कृपया नाम, ईमेल या फ़ोन नंबर दें।',
    'धन्यवाद! आपका संदेश मिल गया।',
    'कनेक्शन नहीं है: आपका संदेश सहेज लिया गया है और जल्द भेजा जाएगा।',
    'यह भेजा नहीं जा सका। कृपया बाद में फिर कोशिश करें।',
  ],
  ar: [
    'يرجى ملء هذا الحقل.',
    'يرجى التحقق من هذا الحقل.',
    'يرجى إدخال الاسم أو البريد الإلكتروني أو رقم الهاتف.',
    'شكرًا! لقد وصلتنا رسالتك.',
    'لا يوجد اتصال: تم حفظ رسالتك وسيتم إرسالها قريبًا.',
    'تعذر الإرسال. يرجى المحاولة مرة أخرى لاحقًا.',
  ],
};
